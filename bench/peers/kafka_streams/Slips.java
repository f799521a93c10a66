import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * Kafka Streams, in its DSL as in its documentation: hits, windowed counts by sender and by domain in state stores with
 * changelogs, and an alert for each change. At least once, which is its default.
 *
 * <p>Arguments: BROKERS EVENTS NAME WATCHLIST VERDICTS FOLDER. The watchlist isn't read: the verdicts are its own.
 */
final class Slips {
    private static final Serde<String> TEXT = Serdes.String();
    private static final Serde<byte[]> BYTES = Serdes.ByteArray();
    private static final Duration DAY = Duration.ofDays(1);

    public static void main(String[] arguments) throws Exception {
        String brokers = arguments[0], events = arguments[1], name = arguments[2], folder = arguments[5];
        Topology topology = topology(events, name, Verdict.read(Path.of(arguments[4])));
        KafkaStreams streams = new KafkaStreams(topology, settings(brokers, name, folder));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static Properties settings(String brokers, String name, String folder) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0); // else it emits only some changes of a count
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        return settings;
    }

    private static Topology topology(String events, String name, Map<String, Verdict> verdicts) {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, Hit> hits =
                builder.stream(events, Consumed.with(BYTES, BYTES)).process(() -> new Score(verdicts));
        KStream<String, byte[]> bySender = hits.mapValues(Slips::json);
        KStream<String, byte[]> byDomain = hits.map((sender, hit) -> KeyValue.pair(hit.domain(), json(hit)));
        bySender.to(name + ".hits", Produced.with(TEXT, BYTES));
        count(bySender, "sender", name);
        count(byDomain, "domain", name);
        return builder.build();
    }

    private static void count(KStream<String, byte[]> hits, String rule, String name) {
        hits.groupByKey(Grouped.with("by-" + rule, TEXT, BYTES))
                .windowedBy(TimeWindows.ofSizeAndGrace(DAY, DAY))
                .count(Materialized.as("counts-by-" + rule))
                .toStream()
                .map((key, count) -> KeyValue.pair(key.key(), alert(rule, key.key(), key.window().start(), count)))
                .to(name + ".alerts", Produced.with(TEXT, TEXT));
    }

    private static String alert(String rule, String key, long startMs, long count) {
        return String.format("{\"rule\":\"%s\",\"key\":\"%s\",\"start\":%d,\"count\":%d}", rule, key, startMs, count);
    }

    private static byte[] json(Hit hit) {
        try {
            return hit.json();
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
