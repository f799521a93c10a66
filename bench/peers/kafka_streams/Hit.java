import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A typo hit, with the fields of the pipeline's; its id is a SHA-256, since Java brings no BLAKE2. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Hit(
        String id,
        String eventId,
        long time,
        String sender,
        String domain,
        String intended,
        List<String> recipients,
        int recipientCount,
        double score,
        boolean certain,
        String slip,
        String explanation,
        String senderDigest,
        String messageId,
        Long size,
        Integer attachmentCount,
        String source,
        boolean listed,
        int version) {

    private static final SecretKeySpec KEY = new SecretKeySpec("bench".getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    private static final int DIGEST_BYTES = 16;
    private static final ObjectWriter WRITER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build()
            .writerFor(Hit.class);

    /** The hit of an event at one mistaken domain, to which these of its recipients belong. */
    static Hit of(MailEvent event, Verdict verdict, List<String> recipients) throws GeneralSecurityException {
        String sender = event.sender().toLowerCase();
        return new Hit(
                id(event.id(), verdict.domain()),
                event.id(),
                event.timeMs(),
                sender,
                verdict.domain(),
                verdict.intended(),
                recipients.stream().map(String::toLowerCase).distinct().sorted().toList(),
                recipients.size(),
                verdict.score(),
                verdict.certain(),
                verdict.slip(),
                verdict.explanation(),
                digest(sender),
                event.messageId(),
                event.size(),
                event.attachments() == null ? null : event.attachments().size(),
                event.source(),
                verdict.slip().equals("listed"),
                2);
    }

    byte[] json() throws JsonProcessingException {
        return WRITER.writeValueAsBytes(this);
    }

    private static String id(String eventId, String domain) throws GeneralSecurityException {
        byte[] text = (eventId.length() + " " + eventId + domain).getBytes(StandardCharsets.UTF_8);
        return hex(MessageDigest.getInstance("SHA-256").digest(text));
    }

    private static String digest(String address) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(KEY);
        return hex(mac.doFinal(address.getBytes(StandardCharsets.UTF_8)));
    }

    private static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
    }
}
