package marketfront.search;

import static marketfront.search.Parts.charFilter;
import static marketfront.search.Parts.configured;
import static marketfront.search.Parts.normalizingCharFilter;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.charfilter.HTMLStripCharFilter;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.pattern.PatternReplaceCharFilter;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** What changes a text before it is cut into words. */
final class CharFilters {
    static Map<String, AnalysisProvider<CharFilterFactory>> byName() {
        return Map.of(
            "html_strip", charFilter((index, environment, settings) -> {
                Set<String> kept = new HashSet<>(settings.getAsList("escaped_tags"));
                return text -> new HTMLStripCharFilter(text, kept);
            }),
            "mapping", configured(normalizingCharFilter((index, environment, settings) -> {
                NormalizeCharMap.Builder mappings = new NormalizeCharMap.Builder();
                for (String rule : Analysis.getWordList(environment, settings, "mappings")) {
                    String[] sides = rule.split("=>", -1);
                    mappings.add(unescaped(sides[0].strip()), unescaped(sides[1].strip()));
                }
                NormalizeCharMap map = mappings.build();
                return text -> new MappingCharFilter(map, text);
            })),
            "pattern_replace", configured(normalizingCharFilter((index, environment, settings) -> {
                Pattern pattern = Pattern.compile(settings.get("pattern"), flags(settings));
                String replacement = settings.get("replacement", "");
                return text -> new PatternReplaceCharFilter(pattern, replacement, text);
            })));
    }

    /** The flags of a regular expression, `CASE_INSENSITIVE|DOTALL`; unknown ones mean nothing. */
    static int flags(Settings settings) {
        int flags = 0;
        for (String name : settings.get("flags", "").split("\\|")) {
            flags |= switch (name.trim()) {
                case "CASE_INSENSITIVE" -> Pattern.CASE_INSENSITIVE;
                case "MULTILINE" -> Pattern.MULTILINE;
                case "DOTALL" -> Pattern.DOTALL;
                case "UNICODE_CASE" -> Pattern.UNICODE_CASE;
                case "COMMENTS" -> Pattern.COMMENTS;
                case "LITERAL" -> Pattern.LITERAL;
                case "UNICODE_CHARACTER_CLASS", "UNICODE_CHAR_CLASS" ->
                    Pattern.UNICODE_CHARACTER_CLASS;
                default -> 0;
            };
        }
        return flags;
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\t", "\t").replace("\\s", " ");
    }

    private CharFilters() {}
}
