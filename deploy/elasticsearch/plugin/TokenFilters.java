package marketfront.search;

import static marketfront.search.Parts.configured;
import static marketfront.search.Parts.filter;
import static marketfront.search.Parts.normalizer;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKWidthFilter;
import org.apache.lucene.analysis.core.DecimalDigitFilter;
import org.apache.lucene.analysis.core.FlattenGraphFilter;
import org.apache.lucene.analysis.core.UpperCaseFilter;
import org.apache.lucene.analysis.de.GermanNormalizationFilter;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.KeepWordFilter;
import org.apache.lucene.analysis.miscellaneous.LengthFilter;
import org.apache.lucene.analysis.miscellaneous.LimitTokenCountFilter;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.miscellaneous.ScandinavianFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.TrimFilter;
import org.apache.lucene.analysis.miscellaneous.TruncateTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.pattern.PatternReplaceFilter;
import org.apache.lucene.analysis.reverse.ReverseStringFilter;
import org.apache.lucene.analysis.tr.ApostropheFilter;
import org.apache.lucene.analysis.util.ElisionFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** What changes, drops or adds words. */
final class TokenFilters {
    static Map<String, AnalysisProvider<TokenFilterFactory>> byName() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new TreeMap<>();
        putNormalizers(filters);
        putSelections(filters);
        putPatterns(filters);
        filters.putAll(Stemmers.byName());
        filters.putAll(Compounds.byName());
        filters.put("synonym", configured((index, environment, name, settings) ->
            new Synonyms(name, environment, settings, false)));
        filters.put("synonym_graph", configured((index, environment, name, settings) ->
            new Synonyms(name, environment, settings, true)));
        return filters;
    }

    private static void putNormalizers(Map<String, AnalysisProvider<TokenFilterFactory>> filters) {
        filters.put("lowercase", normalizer((index, environment, settings) ->
            LowerCaseFilter::new));
        filters.put("uppercase", normalizer((index, environment, settings) ->
            UpperCaseFilter::new));
        filters.put("trim", normalizer((index, environment, settings) -> TrimFilter::new));
        filters.put("cjk_width", normalizer((index, environment, settings) -> CJKWidthFilter::new));
        filters.put("decimal_digit", normalizer((index, environment, settings) ->
            DecimalDigitFilter::new));
        filters.put("german_normalization", normalizer((index, environment, settings) ->
            GermanNormalizationFilter::new));
        filters.put("scandinavian_folding", normalizer((index, environment, settings) ->
            ScandinavianFoldingFilter::new));
        filters.put("asciifolding", (index, environment, name, settings) ->
            asciiFolding(name, settings));
        filters.put("elision", normalizer((index, environment, settings) -> {
            CharArraySet given = Analysis.parseArticles(environment, settings);
            CharArraySet articles = given == null ? FrenchAnalyzer.DEFAULT_ARTICLES : given;
            return tokens -> new ElisionFilter(tokens, articles);
        }));
    }

    /** With both forms kept, keywords and rules of synonyms still get the folded one only. */
    private static TokenFilterFactory asciiFolding(String name, Settings settings) {
        TokenFilterFactory folding = new Parts.NormalizingFilter(name, ASCIIFoldingFilter::new);
        if (!settings.getAsBoolean("preserve_original", false)) {
            return folding;
        }
        return new Parts.Filter(name, tokens -> new ASCIIFoldingFilter(tokens, true), true) {
            @Override
            public TokenStream normalize(TokenStream tokens) {
                return folding.create(tokens);
            }

            @Override
            public TokenFilterFactory getSynonymFilter() {
                return folding;
            }
        };
    }

    private static void putSelections(Map<String, AnalysisProvider<TokenFilterFactory>> filters) {
        filters.put("remove_duplicates", filter((index, environment, settings) ->
            RemoveDuplicatesTokenFilter::new));
        filters.put("unique", filter((index, environment, settings) ->
            settings.getAsBoolean("only_on_same_position", false)
                ? RemoveDuplicatesTokenFilter::new
                : UniqueFilter::new));
        filters.put("length", filter((index, environment, settings) -> {
            int shortest = settings.getAsInt("min", 0);
            int longest = settings.getAsInt("max", Integer.MAX_VALUE);
            return tokens -> new LengthFilter(tokens, shortest, longest);
        }));
        filters.put("truncate", filter((index, environment, settings) -> {
            int length = settings.getAsInt("length", 10);
            return tokens -> TruncateTokenFilter.truncateAfterChars(tokens, length);
        }));
        filters.put("limit", filter((index, environment, settings) -> {
            int count = settings.getAsInt("max_token_count", 1);
            boolean readsOn = settings.getAsBoolean("consume_all_tokens", false);
            return tokens -> new LimitTokenCountFilter(tokens, count, readsOn);
        }));
        filters.put("keep", configured(filter((index, environment, settings) -> {
            CharArraySet words = new CharArraySet(
                Analysis.getWordList(environment, settings, "keep_words"),
                settings.getAsBoolean("keep_words_case", false));
            return tokens -> new KeepWordFilter(tokens, words);
        })));
        filters.put("flatten_graph", filter((index, environment, settings) ->
            FlattenGraphFilter::new));
    }

    private static void putPatterns(Map<String, AnalysisProvider<TokenFilterFactory>> filters) {
        filters.put("pattern_replace", configured(normalizer((index, environment, settings) -> {
            Pattern pattern =
                Pattern.compile(settings.get("pattern"), CharFilters.flags(settings));
            String replacement = settings.get("replacement", "");
            boolean all = settings.getAsBoolean("all", true);
            return tokens -> new PatternReplaceFilter(tokens, pattern, replacement, all);
        })));
        filters.put("pattern_capture", configured(filter((index, environment, settings) -> {
            Pattern[] patterns = settings.getAsList("patterns").stream()
                .map(Pattern::compile)
                .toArray(Pattern[]::new);
            boolean keep = settings.getAsBoolean("preserve_original", true);
            return tokens -> new PatternCaptureGroupTokenFilter(tokens, keep, patterns);
        })));
        filters.put("apostrophe", filter((index, environment, settings) -> ApostropheFilter::new));
        filters.put("reverse", filter((index, environment, settings) -> ReverseStringFilter::new));
    }

    private TokenFilters() {}
}
