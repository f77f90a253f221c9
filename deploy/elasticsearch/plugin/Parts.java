package marketfront.search;

import java.io.IOException;
import java.io.Reader;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.index.IndexSettings;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.AnalyzerScope;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingCharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;

/** Turns parts of Lucene into parts that an index can ask Elasticsearch for by name. */
final class Parts {
    /** Makes a part from the settings an index gives it; `environment` has the lists in files. */
    interface Recipe<T> {
        T make(IndexSettings index, Environment environment, Settings settings) throws IOException;
    }

    /** A token filter. Whether rules of synonyms may pass through it differs. */
    static class Filter implements TokenFilterFactory {
        private final String name;
        private final UnaryOperator<TokenStream> filter;
        private final boolean servesSynonyms;

        Filter(String name, UnaryOperator<TokenStream> filter, boolean servesSynonyms) {
            this.name = name;
            this.filter = filter;
            this.servesSynonyms = servesSynonyms;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public TokenStream create(TokenStream tokens) {
            return filter.apply(tokens);
        }

        @Override
        public TokenFilterFactory getSynonymFilter() {
            if (servesSynonyms) {
                return this;
            }
            throw new IllegalArgumentException(
                "Token filter [" + name + "] cannot be used to parse synonyms");
        }
    }

    /** A token filter that also works on keywords, which are not cut into words. */
    static final class NormalizingFilter extends Filter implements NormalizingTokenFilterFactory {
        NormalizingFilter(String name, UnaryOperator<TokenStream> filter) {
            super(name, filter, true);
        }
    }

    static AnalysisProvider<TokenFilterFactory> filter(Recipe<UnaryOperator<TokenStream>> recipe) {
        return (index, environment, name, settings) ->
            new Filter(name, recipe.make(index, environment, settings), true);
    }

    static AnalysisProvider<TokenFilterFactory> filterWithoutSynonyms(
        Recipe<UnaryOperator<TokenStream>> recipe
    ) {
        return (index, environment, name, settings) ->
            new Filter(name, recipe.make(index, environment, settings), false);
    }

    static AnalysisProvider<TokenFilterFactory> normalizer(
        Recipe<UnaryOperator<TokenStream>> recipe
    ) {
        return (index, environment, name, settings) ->
            new NormalizingFilter(name, recipe.make(index, environment, settings));
    }

    static AnalysisProvider<TokenizerFactory> tokenizer(Recipe<Supplier<Tokenizer>> recipe) {
        return (index, environment, name, settings) ->
            TokenizerFactory.newFactory(name, recipe.make(index, environment, settings));
    }

    static AnalysisProvider<AnalyzerProvider<? extends Analyzer>> analyzer(
        Recipe<Analyzer> recipe
    ) {
        return (index, environment, name, settings) -> {
            Analyzer analyzer = recipe.make(index, environment, settings);
            return new AnalyzerProvider<Analyzer>() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public AnalyzerScope scope() {
                    return AnalyzerScope.INDEX;
                }

                @Override
                public Analyzer get() {
                    return analyzer;
                }
            };
        };
    }

    static AnalysisProvider<CharFilterFactory> charFilter(Recipe<UnaryOperator<Reader>> recipe) {
        return (index, environment, name, settings) -> {
            UnaryOperator<Reader> filter = recipe.make(index, environment, settings);
            return new CharFilterFactory() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public Reader create(Reader text) {
                    return filter.apply(text);
                }
            };
        };
    }

    static AnalysisProvider<CharFilterFactory> normalizingCharFilter(
        Recipe<UnaryOperator<Reader>> recipe
    ) {
        return (index, environment, name, settings) -> {
            UnaryOperator<Reader> filter = recipe.make(index, environment, settings);
            return new NormalizingCharFilterFactory() {
                @Override
                public String name() {
                    return name;
                }

                @Override
                public Reader create(Reader text) {
                    return filter.apply(text);
                }
            };
        };
    }

    /** A part that means nothing without settings, so its bare name is no part. */
    static <T> AnalysisProvider<T> configured(AnalysisProvider<T> part) {
        return AnalysisPlugin.requiresAnalysisSettings(part);
    }

    private Parts() {}
}
