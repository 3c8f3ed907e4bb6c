import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** Sends an email: POSTERN_USER=account POSTERN_KEY=pk_… java Send.java (Java 11 or newer). */
public class Send {
    public static void main(String[] args) throws Exception {
        var email = Map.of(
            "from", "Shop <shop@example.com>",
            "to", "ada@example.com, Bob <bob@example.com>",
            "subject", "Hello from Java",
            "content", "The text of the email",
            "html_content", "<p>The <b>HTML</b> of the email</p>",
            "custom_headers", "{\"X-First-Header\":\"value\"}");
        var url = setting("POSTERN_URL", "http://127.0.0.1:8000");
        var request = HttpRequest.newBuilder(URI.create(url + "/api/mail/send"))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("authuser", setting("POSTERN_USER", "default"))
            .header("authpass", setting("POSTERN_KEY", ""))
            .POST(BodyPublishers.ofString(formOf(email)))
            .build();
        var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        // A refusal has a body too, and it says why.
        System.out.println(response.body());
        System.exit(response.statusCode() == 200 ? 0 : 1);
    }

    private static String formOf(Map<String, String> fields) {
        return fields.entrySet().stream()
            .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), UTF_8))
            .collect(Collectors.joining("&"));
    }

    private static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
