package marketfront.search;

import static marketfront.search.Parts.tokenizer;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.LetterTokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenizer;
import org.apache.lucene.analysis.ngram.NGramTokenizer;
import org.apache.lucene.analysis.path.PathHierarchyTokenizer;
import org.apache.lucene.analysis.path.ReversePathHierarchyTokenizer;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** What cuts a text into words. */
final class Tokenizers {
    static Map<String, AnalysisProvider<TokenizerFactory>> byName() {
        return Map.of(
            "keyword", tokenizer((index, environment, settings) ->
                () -> new KeywordTokenizer(settings.getAsInt("buffer_size", 256))),
            "whitespace", tokenizer((index, environment, settings) ->
                () -> new WhitespaceTokenizer(settings.getAsInt("max_token_length", 255))),
            "letter", tokenizer((index, environment, settings) -> LetterTokenizer::new),
            "uax_url_email", tokenizer((index, environment, settings) ->
                UAX29URLEmailTokenizer::new),
            "pattern", tokenizer((index, environment, settings) -> {
                Pattern pattern =
                    Pattern.compile(settings.get("pattern", "\\W+"), CharFilters.flags(settings));
                int group = settings.getAsInt("group", -1);
                return () -> new PatternTokenizer(pattern, group);
            }),
            "path_hierarchy", tokenizer((index, environment, settings) -> {
                char delimiter = settings.get("delimiter", "/").charAt(0);
                char replacement = settings.get("replacement", "" + delimiter).charAt(0);
                int skipped = settings.getAsInt("skip", 0);
                if (settings.getAsBoolean("reverse", false)) {
                    return () -> new ReversePathHierarchyTokenizer(delimiter, replacement, skipped);
                }
                return () -> new PathHierarchyTokenizer(delimiter, replacement, skipped);
            }),
            "ngram", tokenizer((index, environment, settings) -> {
                Grams grams = Grams.limited(index, settings);
                IntPredicate kept = kept(settings);
                return () -> new NGramTokenizer(grams.shortest(), grams.longest()) {
                    @Override
                    protected boolean isTokenChar(int character) {
                        return kept.test(character);
                    }
                };
            }),
            "edge_ngram", tokenizer((index, environment, settings) -> {
                Grams grams = Grams.of(settings);
                IntPredicate kept = kept(settings);
                return () -> new EdgeNGramTokenizer(grams.shortest(), grams.longest()) {
                    @Override
                    protected boolean isTokenChar(int character) {
                        return kept.test(character);
                    }
                };
            }));
    }

    /** Which characters belong to words, by `token_chars`; without it all do. */
    private static IntPredicate kept(Settings settings) {
        List<String> kinds = settings.getAsList("token_chars");
        String custom = settings.get("custom_token_chars", "");
        return kinds.stream()
            .map(kind -> ofKind(kind, custom))
            .reduce(IntPredicate::or)
            .orElse(character -> true);
    }

    private static IntPredicate ofKind(String kind, String custom) {
        return switch (kind.toLowerCase(Locale.ROOT)) {
            case "letter" -> Character::isLetter;
            case "digit" -> Character::isDigit;
            case "whitespace" -> Character::isWhitespace;
            case "punctuation" -> matching("\\p{P}");
            case "symbol" -> matching("\\p{S}");
            case "custom" -> character -> custom.indexOf(character) >= 0;
            default -> throw new IllegalArgumentException("Unknown token type: '" + kind + "'");
        };
    }

    private static IntPredicate matching(String expression) {
        Pattern pattern = Pattern.compile(expression);
        return character -> pattern.matcher(Character.toString(character)).matches();
    }

    private Tokenizers() {}
}
