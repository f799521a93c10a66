import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** Mail events to hits, by their senders' digests, with the time of the mail. */
final class Score extends ContextualProcessor<byte[], byte[], String, Hit> {
    private static final AtomicBoolean SEEN = new AtomicBoolean();
    private final Map<String, Verdict> verdicts;

    Score(Map<String, Verdict> verdicts) {
        this.verdicts = verdicts;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (!SEEN.get() && SEEN.compareAndSet(false, true)) {
            printCpuSeconds();
        }
        try {
            MailEvent event = MailEvent.decode(record.value());
            for (Map.Entry<Verdict, List<String>> typo : typos(event).entrySet()) {
                Hit hit = Hit.of(event, typo.getKey(), typo.getValue());
                context().forward(new Record<>(hit.senderDigest(), hit, hit.time()));
            }
        } catch (Exception refused) {
            throw new IllegalStateException("no mail event", refused);
        }
    }

    private Map<Verdict, List<String>> typos(MailEvent event) {
        Map<Verdict, List<String>> typos = Map.of();
        for (String address : event.recipients()) {
            String domain = address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
            Verdict verdict = verdicts.get(domain);
            if (verdict.typo()) {
                typos = typos.isEmpty() ? new LinkedHashMap<>() : typos;
                typos.computeIfAbsent(verdict, none -> new ArrayList<>()).add(address);
            }
        }
        return typos;
    }

    /** Prints the CPU time that was used before the first event, as the other peers do. */
    private static void printCpuSeconds() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        System.out.println("{\"cpu_seconds\": " + system.getProcessCpuTime() / 1e9 + "}");
        System.out.flush();
    }
}
