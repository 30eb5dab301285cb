// Receives Baton's events: verifies them on the raw bytes, drops repeats, parses, works, and only then answers 2xx.
// Put your own work into handle(). What Baton expects, and what it makes of each status: docs/receivers.md
//
//   WEBHOOK_SECRETS="whsec_..." TENCENT_TOKENS="..." java Receiver.java      style baton at /baton, style tencent at /tencent
//
// Java 17 or later, the JDK alone: its small HTTP server (which answers 400 to a query with characters that no URI may have, such as |), and, since
// it has no JSON, a small parser at the end of this file.
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import static java.nio.charset.StandardCharsets.UTF_8;

public final class Receiver {
    /** Several while rotating, separated by spaces. Where there are none, nothing is accepted. */
    private static final List<byte[]> KEYS = words(setting("WEBHOOK_SECRETS", "")).map(Receiver::keyOf).toList();
    private static final List<String> TOKENS = words(setting("TENCENT_TOKENS", "")).toList();

    /** Baton takes no callback that is longer. In bytes. */
    private static final int LONGEST_BODY = 1024 * 1024;

    /**
     * @param id   the same for each repeat; empty where nothing tells a repeat from a second occurrence
     * @param body check what you rely on: Tencent sends what it does not document, and leaves out what it does
     */
    record Event(String id, String command, Map<String, Object> body) {}

    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final int status;

        Refused(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    /** Your work. What it throws is answered 500, and Baton tries again. */
    static void handle(Event event) throws IOException {
        var line = event.id() + " " + event.command() + " " + event.body() + "\n";
        Files.writeString(Path.of(setting("EVENTS_FILE", "events.log")), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static final Set<String> done = new HashSet<>();

    /**
     * Does the work of an event that was not done before.
     *
     * <p>In production the ids belong into your database, into the very transaction of the work: then both are kept or neither, whatever crashes.
     * <pre>
     * BEGIN; INSERT INTO handled (id) VALUES (?) ON CONFLICT DO NOTHING;   -- no row inserted: a repeat, nothing is left to do
     * ...the work...; COMMIT;                                              -- and only then the answer
     * </pre>
     * This set is forgotten with the process, grows for ever, no second process knows of it, and events wait for one another.
     */
    static synchronized void once(Event event) throws IOException {
        if (done.contains(event.id())) return;
        handle(event);
        if (!event.id().isEmpty()) done.add(event.id());
    }

    /** Style baton, https://www.standardwebhooks.com: the signature covers id, timestamp and body, and none of the baton-* headers. */
    static void verifyBaton(Headers headers, byte[] body) throws Refused, GeneralSecurityException {
        var id = headers.getFirst("webhook-id");
        var timestamp = headers.getFirst("webhook-timestamp");
        var signatures = headers.getFirst("webhook-signature");
        if (id == null || timestamp == null || signatures == null || headers.getFirst("baton-command") == null) throw new Refused(401, "not signed, or not by Baton");
        var known = false;
        for (var key : KEYS) {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
            var expected = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
            for (var given : signatures.split(" ")) known |= MessageDigest.isEqual(given.getBytes(UTF_8), expected.getBytes(UTF_8));
        }
        if (!known) throw new Refused(401, "no signature with a known secret");
        if (!isWithin(300, timestamp)) throw new Refused(401, "signed too long ago or in the future; check the clocks");
    }

    /**
     * Style tencent, https://intl.cloud.tencent.com/document/product/1047/34354: Sign covers neither the body nor the other parameters. Whoever
     * has seen one can send anything with it while it is fresh, so that time is short, and TLS must do the rest.
     */
    static void verifyTencent(Map<String, String> query) throws Refused, GeneralSecurityException {
        var sign = query.get("Sign");
        var time = query.get("RequestTime");
        if (sign == null || time == null) throw new Refused(401, "not signed");
        var known = false;
        for (var token : TOKENS) known |= MessageDigest.isEqual(sign.getBytes(UTF_8), sha256((token + time).getBytes(UTF_8)).getBytes(UTF_8));
        if (!known) throw new Refused(401, "not signed with a known token");
        if (!isWithin(60, time)) throw new Refused(401, "signed too long ago or in the future; check the clocks");
    }

    /** Style tencent has no ids: a repeat is the same body with an EventTime in it, or else the same body with the same RequestID. */
    static Event tencentEvent(Map<String, String> query, byte[] raw, Map<String, Object> body) throws GeneralSecurityException {
        var command = query.getOrDefault("CallbackCommand", String.valueOf(body.get("CallbackCommand")));
        var dated = String.valueOf(body.get("EventTime")).matches("[0-9]{1,15}");
        var occurrence = dated ? "EventTime" : query.getOrDefault("RequestID", "") + query.getOrDefault("RequestId", "");
        if (occurrence.isEmpty()) return new Event("", command, body);
        return new Event(sha256((query.get("SdkAppid") + " " + command + " " + occurrence + " ").getBytes(UTF_8), raw), command, body);
    }

    static String sha256(byte[]... parts) throws GeneralSecurityException {
        var digest = MessageDigest.getInstance("SHA-256");
        for (var part : parts) digest.update(part);
        return HexFormat.of().formatHex(digest.digest());
    }

    static boolean isWithin(long seconds, String timestamp) {
        return timestamp.matches("[0-9]{1,12}") && Math.abs(Instant.now().getEpochSecond() - Long.parseLong(timestamp)) <= seconds;
    }

    static byte[] keyOf(String secret) {
        var key = secret.startsWith("whsec_") ? Base64.getDecoder().decode(secret.substring("whsec_".length())) : new byte[0];
        if (key.length < 18) throw new IllegalArgumentException("WEBHOOK_SECRETS: a secret is whsec_ and at least 18 bytes in base64");
        return key;
    }

    static Map<String, Object> parse(byte[] raw) throws Refused {
        var text = new String(raw, UTF_8);
        var body = new Json(text.startsWith("\uFEFF") ? text.substring(1) : text).object();
        if (body == null) throw new Refused(400, "the body is no JSON object");
        return body;
    }

    static Map<String, String> parameters(String query) {
        var parameters = new HashMap<String, String>();
        for (var pair : (query == null ? "" : query).split("&")) {
            var parts = pair.split("=", 2);
            parameters.put(URLDecoder.decode(parts[0], UTF_8), parts.length < 2 ? "" : URLDecoder.decode(parts[1], UTF_8));
        }
        return parameters;
    }

    static void receive(HttpExchange exchange) throws Refused, IOException, GeneralSecurityException {
        var path = exchange.getRequestURI().getPath();
        if (!path.equals("/baton") && !path.equals("/tencent")) throw new Refused(404, "there is /baton and /tencent");
        if (!exchange.getRequestMethod().equals("POST")) throw new Refused(405, "events are posted");
        // As they came: JSON that was parsed and printed anew has other bytes, and no signature fits them.
        var raw = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
        if (raw.length > LONGEST_BODY) throw new Refused(413, "the body is too long");
        if (path.equals("/baton")) {
            var headers = exchange.getRequestHeaders();
            verifyBaton(headers, raw);
            once(new Event(headers.getFirst("webhook-id"), headers.getFirst("baton-command"), parse(raw)));
        } else {
            var query = parameters(exchange.getRequestURI().getRawQuery());
            verifyTencent(query);
            once(tencentEvent(query, raw, parse(raw)));
        }
    }

    static void answer(HttpExchange exchange) throws IOException {
        var status = 200;
        var problem = "";
        try {
            receive(exchange);
        } catch (Refused refused) {
            status = refused.status;
            problem = refused.getMessage();
        } catch (Exception error) {
            error.printStackTrace();
            status = 500;
            problem = "the work failed";
        }
        // Style tencent wants the envelope; to style baton the status is the whole answer.
        var envelope = "{\"ActionStatus\":\"%s\",\"ErrorInfo\":\"%s\",\"ErrorCode\":%d}".formatted(status == 200 ? "OK" : "FAIL", problem, status == 200 ? 0 : 1).getBytes(UTF_8);
        exchange.getResponseHeaders().set("content-type", "application/json");
        exchange.sendResponseHeaders(status, envelope.length);
        exchange.getResponseBody().write(envelope);
        exchange.close();
    }

    static java.util.stream.Stream<String> words(String text) {
        return Arrays.stream(text.split(" ")).filter(word -> !word.isEmpty());
    }

    static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }

    public static void main(String[] arguments) throws IOException {
        System.setProperty("sun.net.httpserver.maxReqTime", "10"); // seconds that a client may keep a thread waiting
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(setting("PORT", "7090"))), 128);
        server.createContext("/", Receiver::answer);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
        System.out.println("waiting for events at http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Keeps every digit: there are ids such as 144115212830834855. With Jackson it would be new ObjectMapper().readTree(raw). */
    static final class Json {
        private static final int DEEPEST = 500;
        private static final int LONGEST_NUMBER = 1000;
        private final String text;
        private int at;

        Json(String text) {
            this.text = text;
        }

        /** The object that the text is, or null. */
        @SuppressWarnings("unchecked")
        Map<String, Object> object() {
            try {
                var value = value(0);
                return value instanceof Map && next() == 0 ? (Map<String, Object>) value : null;
            } catch (IllegalArgumentException | IndexOutOfBoundsException wrong) {
                return null;
            }
        }

        /** The next character that is no space; 0 at the end. */
        private char next() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
            return at < text.length() ? text.charAt(at) : 0;
        }

        private boolean take(char expected) {
            var there = next() == expected;
            if (there) at++;
            return there;
        }

        private void expect(char expected) {
            if (!take(expected)) throw new IllegalArgumentException("no JSON at " + at);
        }

        private Object value(int depth) {
            if (depth > DEEPEST) throw new IllegalArgumentException("nested too deep");
            if (take('{')) {
                var object = new LinkedHashMap<String, Object>();
                if (take('}')) return object;
                do {
                    expect('"');
                    var name = string();
                    expect(':');
                    object.put(name, value(depth + 1));
                } while (take(','));
                expect('}');
                return object;
            }
            if (take('[')) {
                var list = new ArrayList<Object>();
                if (take(']')) return list;
                do list.add(value(depth + 1)); while (take(','));
                expect(']');
                return list;
            }
            if (take('"')) return string();
            var from = at;
            while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) at++;
            if (at - from > LONGEST_NUMBER) throw new IllegalArgumentException("no JSON at " + from);
            var word = text.substring(from, at);
            return switch (word) {
                case "true" -> true;
                case "false" -> false;
                case "null" -> null;
                default -> {
                    if (word.matches("-?(0|[1-9][0-9]*)")) yield new BigInteger(word);
                    if (word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) yield new BigDecimal(word);
                    throw new IllegalArgumentException("no JSON at " + from);
                }
            };
        }

        private String string() {
            var string = new StringBuilder();
            for (char character; (character = text.charAt(at++)) != '"';) {
                if (character < ' ') throw new IllegalArgumentException("no JSON at " + at);
                if (character != '\\') {
                    string.append(character);
                    continue;
                }
                var escaped = text.charAt(at++);
                var which = "\"\\/bfnrt".indexOf(escaped);
                if (which >= 0) {
                    string.append("\"\\/\b\f\n\r\t".charAt(which));
                } else if (escaped == 'u') {
                    string.append((char) HexFormat.fromHexDigits(text, at, at + 4));
                    at += 4;
                } else {
                    throw new IllegalArgumentException("no JSON at " + at);
                }
            }
            return string.toString();
        }
    }
}
