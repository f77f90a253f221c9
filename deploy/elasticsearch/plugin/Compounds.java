package marketfront.search;

import static marketfront.search.Parts.configured;
import static marketfront.search.Parts.filterWithoutSynonyms;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.cjk.CJKBigramFilter;
import org.apache.lucene.analysis.commongrams.CommonGramsFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterGraphFilter;
import org.apache.lucene.analysis.miscellaneous.WordDelimiterIterator;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.ngram.NGramTokenFilter;
import org.apache.lucene.analysis.reverse.ReverseStringFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** Token filters that cut words into pieces or join them: synonyms can't be parsed with those. */
final class Compounds {
    /** The settings of word_delimiter_graph that are on or off, what they are when not set. */
    private static final List<Switch> SWITCHES = List.of(
        new Switch("generate_word_parts", true, WordDelimiterGraphFilter.GENERATE_WORD_PARTS),
        new Switch("generate_number_parts", true, WordDelimiterGraphFilter.GENERATE_NUMBER_PARTS),
        new Switch("catenate_words", false, WordDelimiterGraphFilter.CATENATE_WORDS),
        new Switch("catenate_numbers", false, WordDelimiterGraphFilter.CATENATE_NUMBERS),
        new Switch("catenate_all", false, WordDelimiterGraphFilter.CATENATE_ALL),
        new Switch("split_on_case_change", true, WordDelimiterGraphFilter.SPLIT_ON_CASE_CHANGE),
        new Switch("preserve_original", false, WordDelimiterGraphFilter.PRESERVE_ORIGINAL),
        new Switch("split_on_numerics", true, WordDelimiterGraphFilter.SPLIT_ON_NUMERICS),
        new Switch(
            "stem_english_possessive", true, WordDelimiterGraphFilter.STEM_ENGLISH_POSSESSIVE),
        new Switch("ignore_keywords", false, WordDelimiterGraphFilter.IGNORE_KEYWORDS));

    private record Switch(String name, boolean byDefault, int flag) {}

    static Map<String, AnalysisProvider<TokenFilterFactory>> byName() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new TreeMap<>();
        filters.put("common_grams", configured(filterWithoutSynonyms(
            (index, environment, settings) -> {
                CharArraySet words = new CharArraySet(
                    Analysis.getWordList(environment, settings, "common_words"),
                    settings.getAsBoolean("ignore_case", false));
                return tokens -> new CommonGramsFilter(tokens, words);
            })));
        filters.put("cjk_bigram", filterWithoutSynonyms(Compounds::cjkBigram));
        filters.put("ngram", filterWithoutSynonyms((index, environment, settings) -> {
            Grams grams = Grams.limited(index, settings);
            boolean keep = settings.getAsBoolean("preserve_original", false);
            return tokens -> new NGramTokenFilter(tokens, grams.shortest(), grams.longest(), keep);
        }));
        filters.put("edge_ngram", filterWithoutSynonyms(Compounds::edgeGrams));
        filters.put("word_delimiter_graph", filterWithoutSynonyms(Compounds::wordDelimiter));
        return filters;
    }

    private static UnaryOperator<TokenStream> cjkBigram(
        IndexSettings index, Environment environment, Settings settings
    ) {
        List<String> ignored = settings.getAsList("ignored_scripts");
        boolean unigrams = settings.getAsBoolean("output_unigrams", false);
        int scripts = (ignored.contains("han") ? 0 : CJKBigramFilter.HAN)
            | (ignored.contains("hiragana") ? 0 : CJKBigramFilter.HIRAGANA)
            | (ignored.contains("katakana") ? 0 : CJKBigramFilter.KATAKANA)
            | (ignored.contains("hangul") ? 0 : CJKBigramFilter.HANGUL);
        return tokens -> new CJKBigramFilter(tokens, scripts, unigrams);
    }

    private static UnaryOperator<TokenStream> edgeGrams(
        IndexSettings index, Environment environment, Settings settings
    ) {
        Grams grams = Grams.of(settings);
        boolean keep = settings.getAsBoolean("preserve_original", false);
        UnaryOperator<TokenStream> front =
            tokens -> new EdgeNGramTokenFilter(tokens, grams.shortest(), grams.longest(), keep);
        if (!"back".equals(settings.get("side"))) {
            return front;
        }
        return tokens -> new ReverseStringFilter(front.apply(new ReverseStringFilter(tokens)));
    }

    private static UnaryOperator<TokenStream> wordDelimiter(
        IndexSettings index, Environment environment, Settings settings
    ) {
        int flags = SWITCHES.stream()
            .filter(each -> settings.getAsBoolean(each.name, each.byDefault))
            .mapToInt(Switch::flag)
            .reduce(0, (one, other) -> one | other);
        boolean adjusted = settings.getAsBoolean("adjust_offsets", true);
        List<String> words = settings.getAsList("protected_words");
        CharArraySet whole = words.isEmpty() ? null : new CharArraySet(words, false);
        return tokens -> new WordDelimiterGraphFilter(
            tokens, adjusted, WordDelimiterIterator.DEFAULT_WORD_DELIM_TABLE, flags, whole);
    }

    private Compounds() {}
}
