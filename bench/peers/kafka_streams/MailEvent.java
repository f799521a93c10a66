import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;

/** A mail event with the fields, types and bounds of the pipeline's; addresses must be plain, as the stream's are. */
record MailEvent(
        String id,
        JsonNode time,
        String sender,
        List<String> recipients,
        @JsonProperty("message_id") String messageId,
        JsonNode delivery,
        String subject,
        Long size,
        List<Attachment> attachments,
        String direction,
        String source,
        List<String> labels) {

    record Attachment(String name, Long size) {}

    private static final long EARLIEST_MS = 631_152_000_000L;
    private static final long LATEST_MS = 4_102_444_800_000L;
    private static final Set<String> DIRECTIONS = Set.of("outbound", "inbound", "internal");
    private static final String DOUBTFUL_ENDS = " \t\r\n<>@,;:()[]\"'";
    private static final ObjectReader READER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build()
            .readerFor(MailEvent.class);

    /** Decodes and checks one record of mail.events. */
    static MailEvent decode(byte[] value) throws IOException {
        MailEvent event = READER.readValue(value);
        event.check();
        return event;
    }

    /** The event's time in milliseconds since the epoch. */
    long timeMs() {
        if (time.isIntegralNumber()) {
            return time.longValue();
        }
        return OffsetDateTime.parse(time.textValue()).toInstant().toEpochMilli();
    }

    private void check() {
        require(id != null && !id.isEmpty() && id.length() <= 512, "id");
        require(time != null && timeMs() >= EARLIEST_MS && timeMs() < LATEST_MS, "time");
        require(sender != null && isPlain(sender), "sender");
        require(recipients != null && !recipients.isEmpty() && recipients.size() <= 10_000, "recipients");
        require(recipients.stream().allMatch(MailEvent::isPlain), "recipients");
        require(messageId == null || messageId.length() <= 1024, "message_id");
        require(size == null || (size >= 0 && size < 1L << 53), "size");
        require(direction == null || DIRECTIONS.contains(direction), "direction");
        require(source == null || source.length() <= 256, "source");
        require(labels == null || labels.size() <= 100, "labels");
        require(labels == null || labels.stream().allMatch(label -> label.length() <= 256), "labels");
    }

    private static boolean isPlain(String address) {
        int at = address.indexOf('@');
        return address.length() <= 512
                && at > 0
                && at == address.lastIndexOf('@')
                && DOUBTFUL_ENDS.indexOf(address.charAt(0)) < 0
                && DOUBTFUL_ENDS.indexOf(address.charAt(address.length() - 1)) < 0
                && address.indexOf(' ') < 0
                && address.indexOf(':') < 0;
    }

    private static void require(boolean holds, String field) {
        if (!holds) {
            throw new IllegalArgumentException("`" + field + "` is not as a mail event has it");
        }
    }
}
