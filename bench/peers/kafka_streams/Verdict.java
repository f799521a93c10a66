import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The verdict on a domain, as `straymail score` prints it. */
record Verdict(
        String domain,
        boolean typo,
        boolean certain,
        String intended,
        double score,
        String slip,
        String explanation) {

    /** The verdicts in a file, a line each, by their domains. */
    static Map<String, Verdict> read(Path path) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Map<String, Verdict> verdicts = new HashMap<>();
        for (String line : Files.readAllLines(path)) {
            Verdict verdict = mapper.readValue(line, Verdict.class);
            verdicts.put(verdict.domain(), verdict);
        }
        return verdicts;
    }
}
