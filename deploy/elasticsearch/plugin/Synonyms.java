package marketfront.search;

import java.io.StringReader;
import java.util.List;
import java.util.function.Function;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.synonym.SolrSynonymParser;
import org.apache.lucene.analysis.synonym.SynonymFilter;
import org.apache.lucene.analysis.synonym.SynonymGraphFilter;
import org.apache.lucene.analysis.synonym.SynonymMap;
import org.apache.lucene.analysis.synonym.WordnetSynonymParser;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexService.IndexCreationContext;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalysisMode;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.CustomAnalyzer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;

/**
 * The filters synonym and synonym_graph. Their rules are analysed by whatever stands before them
 * in an analyzer, so the filter itself is made only when that is known.
 */
final class Synonyms implements TokenFilterFactory {
    private final String name;
    private final boolean graph;
    private final boolean expand;
    private final boolean lenient;
    private final boolean updateable;
    private final boolean wordnet;
    private final List<String> rules;

    Synonyms(String name, Environment environment, Settings settings, boolean graph) {
        this.name = name;
        this.graph = graph;
        expand = settings.getAsBoolean("expand", true);
        updateable = settings.getAsBoolean("updateable", false);
        lenient = settings.getAsBoolean("lenient", updateable);
        wordnet = settings.get("format", "solr").equals("wordnet");
        List<String> inline = settings.getAsList("synonyms", null);
        rules = inline != null ? inline : Analysis.getWordList(environment, settings, "synonyms");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TokenStream create(TokenStream tokens) {
        throw new IllegalStateException("Call getChainAwareTokenFilterFactory first");
    }

    @Override
    public AnalysisMode getAnalysisMode() {
        return updateable ? AnalysisMode.SEARCH_TIME : AnalysisMode.ALL;
    }

    @Override
    public TokenFilterFactory getChainAwareTokenFilterFactory(
        IndexCreationContext context,
        TokenizerFactory tokenizer,
        List<CharFilterFactory> charFilters,
        List<TokenFilterFactory> before,
        Function<String, TokenFilterFactory> others
    ) {
        SynonymMap map = parsed(new CustomAnalyzer(
            tokenizer,
            charFilters.toArray(CharFilterFactory[]::new),
            before.stream()
                .map(TokenFilterFactory::getSynonymFilter)
                .toArray(TokenFilterFactory[]::new)));
        AnalysisMode mode = getAnalysisMode();
        return new Parts.Filter(name, tokens -> applied(map, tokens), true) {
            @Override
            public AnalysisMode getAnalysisMode() {
                return mode;
            }

            @Override
            public TokenFilterFactory getSynonymFilter() {
                return IDENTITY_FILTER;
            }
        };
    }

    private SynonymMap parsed(Analyzer analyzer) {
        SynonymMap.Parser parser = wordnet
            ? new WordnetSynonymParser(true, expand, analyzer)
            : new SolrSynonymParser(true, expand, analyzer);
        try {
            for (String rule : lenient ? rules : List.of(String.join("\n", rules))) {
                parse(parser, rule);
            }
            return parser.build();
        } catch (Exception failure) {
            throw new IllegalArgumentException("failed to build synonyms", failure);
        }
    }

    private void parse(SynonymMap.Parser parser, String rule) throws Exception {
        try {
            parser.parse(new StringReader(rule));
        } catch (Exception failure) {
            if (!lenient) {
                throw failure;
            }
        }
    }

    @SuppressWarnings("deprecation") // an index may still ask for `synonym` by name
    private TokenStream applied(SynonymMap map, TokenStream tokens) {
        if (map.fst == null) { // no rules
            return tokens;
        }
        return graph
            ? new SynonymGraphFilter(tokens, map, false)
            : new SynonymFilter(tokens, map, false);
    }
}
