package marketfront.search;

import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.IndexSettings;

/** The lengths of the pieces that a word is cut into. */
record Grams(int shortest, int longest) {
    static Grams of(Settings settings) {
        return new Grams(settings.getAsInt("min_gram", 1), settings.getAsInt("max_gram", 2));
    }

    /** Pieces from anywhere in a word are many; how many lengths there may be is limited. */
    static Grams limited(IndexSettings index, Settings settings) {
        Grams grams = of(settings);
        int difference = grams.longest - grams.shortest;
        if (difference > index.getMaxNgramDiff()) {
            throw new IllegalArgumentException(
                "max_gram and min_gram are [" + difference + "] apart; [index.max_ngram_diff] allows ["
                    + index.getMaxNgramDiff() + "]");
        }
        return grams;
    }
}
