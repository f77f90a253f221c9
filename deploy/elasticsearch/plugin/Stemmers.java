package marketfront.search;

import static marketfront.search.Parts.configured;
import static marketfront.search.Parts.filter;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.de.GermanLightStemFilter;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.KStemFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.es.SpanishLightStemFilter;
import org.apache.lucene.analysis.fr.FrenchLightStemFilter;
import org.apache.lucene.analysis.it.ItalianLightStemFilter;
import org.apache.lucene.analysis.miscellaneous.KeywordRepeatFilter;
import org.apache.lucene.analysis.miscellaneous.PatternKeywordMarkerFilter;
import org.apache.lucene.analysis.miscellaneous.SetKeywordMarkerFilter;
import org.apache.lucene.analysis.miscellaneous.StemmerOverrideFilter;
import org.apache.lucene.analysis.pt.PortugueseLightStemFilter;
import org.apache.lucene.analysis.ru.RussianLightStemFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** Token filters that bring words to their stems, and those that keep words from it. */
final class Stemmers {
    static Map<String, AnalysisProvider<TokenFilterFactory>> byName() {
        Map<String, AnalysisProvider<TokenFilterFactory>> filters = new TreeMap<>();
        filters.put("porter_stem", filter((index, environment, settings) -> PorterStemFilter::new));
        filters.put("kstem", filter((index, environment, settings) -> KStemFilter::new));
        filters.put("snowball", filter((index, environment, settings) -> {
            String language = settings.get("language", settings.get("name", "English"));
            return tokens -> new SnowballFilter(tokens, language);
        }));
        filters.put("stemmer", filter((index, environment, settings) ->
            forLanguage(settings.get("language", settings.get("name", "porter")))));
        filters.put("stemmer_override", configured(filter(Stemmers::override)));
        filters.put("keyword_marker", configured(filter(Stemmers::keywordMarker)));
        filters.put("keyword_repeat", filter((index, environment, settings) ->
            KeywordRepeatFilter::new));
        return filters;
    }

    private static UnaryOperator<TokenStream> forLanguage(String language) {
        return switch (language.toLowerCase(Locale.ROOT)) {
            case "porter", "english" -> PorterStemFilter::new;
            case "light_english", "lightenglish", "kstem" -> KStemFilter::new;
            case "minimal_english" -> EnglishMinimalStemFilter::new;
            case "possessive_english" -> EnglishPossessiveFilter::new;
            case "porter2" -> tokens -> new SnowballFilter(tokens, "English");
            case "light_german" -> GermanLightStemFilter::new;
            case "light_french" -> FrenchLightStemFilter::new;
            case "light_spanish" -> SpanishLightStemFilter::new;
            case "light_italian" -> ItalianLightStemFilter::new;
            case "light_portuguese" -> PortugueseLightStemFilter::new;
            case "light_russian" -> RussianLightStemFilter::new;
            default -> {
                String name = language.substring(0, 1).toUpperCase(Locale.ROOT)
                    + language.substring(1).toLowerCase(Locale.ROOT);
                yield tokens -> new SnowballFilter(tokens, name);
            }
        };
    }

    private static UnaryOperator<TokenStream> override(
        IndexSettings index, Environment environment, Settings settings
    ) throws IOException {
        StemmerOverrideFilter.Builder overrides = new StemmerOverrideFilter.Builder(false);
        for (String rule : Analysis.getWordList(environment, settings, "rules")) {
            String[] sides = rule.split("=>");
            for (String word : sides[0].split(",")) {
                overrides.add(word.strip(), sides[1].strip());
            }
        }
        StemmerOverrideFilter.StemmerOverrideMap map = overrides.build();
        return tokens -> new StemmerOverrideFilter(tokens, map);
    }

    private static UnaryOperator<TokenStream> keywordMarker(
        IndexSettings index, Environment environment, Settings settings
    ) {
        if (settings.get("keywords_pattern") != null) {
            Pattern pattern = Pattern.compile(settings.get("keywords_pattern"));
            return tokens -> new PatternKeywordMarkerFilter(tokens, pattern);
        }
        CharArraySet keywords = new CharArraySet(
            Analysis.getWordList(environment, settings, "keywords"),
            settings.getAsBoolean("ignore_case", false));
        return tokens -> new SetKeywordMarkerFilter(tokens, keywords);
    }

    private Stemmers() {}
}
