package marketfront.search;

import static marketfront.search.Parts.analyzer;

import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.core.KeywordAnalyzer;
import org.apache.lucene.analysis.core.SimpleAnalyzer;
import org.apache.lucene.analysis.core.StopAnalyzer;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.elasticsearch.index.analysis.Analysis;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;

/** Whole chains, from the text to the terms of the index. */
final class Analyzers {
    static Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> byName() {
        return Map.of(
            "english", analyzer((index, environment, settings) -> new EnglishAnalyzer(
                Analysis.parseStopWords(environment, settings, EnglishAnalyzer.getDefaultStopSet()),
                Analysis.parseStemExclusion(settings, CharArraySet.EMPTY_SET))),
            "cjk", analyzer((index, environment, settings) -> new CJKAnalyzer(
                Analysis.parseStopWords(environment, settings, CJKAnalyzer.getDefaultStopSet()))),
            "german", analyzer((index, environment, settings) -> new GermanAnalyzer()),
            "french", analyzer((index, environment, settings) -> new FrenchAnalyzer()),
            "spanish", analyzer((index, environment, settings) -> new SpanishAnalyzer()),
            "simple", analyzer((index, environment, settings) -> new SimpleAnalyzer()),
            "stop", analyzer((index, environment, settings) -> new StopAnalyzer(
                Analysis.parseStopWords(
                    environment, settings, EnglishAnalyzer.ENGLISH_STOP_WORDS_SET))),
            "whitespace", analyzer((index, environment, settings) -> new WhitespaceAnalyzer()),
            "keyword", analyzer((index, environment, settings) -> new KeywordAnalyzer()));
    }

    private Analyzers() {}
}
