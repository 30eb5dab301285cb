<?php
// Receives Baton's events: verifies them on the raw bytes, drops repeats, parses, works, and only then answers 2xx.
// Put your own work into handle(). What Baton expects, and what it makes of each status: docs/receivers.md
//
//   WEBHOOK_SECRETS="whsec_..." TENCENT_TOKENS="..." php -S 127.0.0.1:7090 receiver.php      style baton at /baton, style tencent at /tencent
//
// PHP 8.1 or later (64 bit), nothing but what is built in. `php -S` is for trying: in production the same file runs under PHP-FPM, whose pool
// has to pass the settings on (env[WEBHOOK_SECRETS] = ...).
declare(strict_types=1);

ini_set('display_errors', '0'); // a warning printed before the status would make it 200, and an event would be lost
ini_set('log_errors', '1');

const LONGEST_BODY = 1024 * 1024; // bytes; Baton takes no callback that is longer

final class Event
{
    public function __construct(
        public readonly ?string $id,     // the same for each repeat; null where nothing tells a repeat from a second occurrence
        public readonly string $command,
        public readonly stdClass $body,  // check what you rely on: Tencent sends what it does not document, and leaves out what it does
    ) {
    }
}

final class Refused extends Exception
{
    public function __construct(public readonly int $status, string $message)
    {
        parent::__construct($message);
    }
}

/** Your work. What it throws is answered 500, and Baton tries again. */
function handle(Event $event, $file): void
{
    $line = "$event->id $event->command " . json_encode($event->body, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR) . "\n";
    if (fwrite($file, $line) !== strlen($line) || !fflush($file)) {
        throw new RuntimeException('the file cannot be written');
    }
}

/**
 * Does the work of an event that was not done before. Nothing of a PHP process outlives its request, so the ids stand in a file here, each
 * together with its work in one line. In production they belong into your database, into the very transaction of the work:
 *
 *   BEGIN; INSERT INTO handled (id) VALUES (?) ON CONFLICT DO NOTHING;   -- no row inserted: a repeat, nothing is left to do
 *   ...the work...; COMMIT;                                              -- and only then the answer
 *
 * This file is read from its beginning for each event, grows for ever, and events wait for one another.
 */
function once(Event $event): void
{
    $file = @fopen(getenv('EVENTS_FILE') ?: 'events.log', 'a+') ?: throw new RuntimeException('the file cannot be opened');
    flock($file, LOCK_EX); // until the request ends
    rewind($file);
    while (($line = fgets($file)) !== false) {
        if ($event->id !== null && str_starts_with($line, "$event->id ")) {
            return;
        }
    }
    handle($event, $file);
}

/** Style baton, https://www.standardwebhooks.com: the signature covers id, timestamp and body, and none of the baton-* headers. */
function verifyBaton(string $body): array
{
    [$id, $timestamp, $signatures, $command] = array_map(
        fn (string $name) => $_SERVER[$name] ?? '',
        ['HTTP_WEBHOOK_ID', 'HTTP_WEBHOOK_TIMESTAMP', 'HTTP_WEBHOOK_SIGNATURE', 'HTTP_BATON_COMMAND'],
    );
    if ($id === '' || $timestamp === '' || $signatures === '' || $command === '') {
        throw new Refused(401, 'not signed, or not by Baton');
    }
    $known = false;
    foreach (setting('WEBHOOK_SECRETS') as $secret) {
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", keyOf($secret), true));
        foreach (explode(' ', $signatures) as $given) {
            $known = hash_equals($expected, $given) || $known;
        }
    }
    if (!$known) {
        throw new Refused(401, 'no signature with a known secret');
    }
    if (!isWithin(300, $timestamp)) {
        throw new Refused(401, 'signed too long ago or in the future; check the clocks');
    }
    return [$id, $command];
}

/**
 * Style tencent, https://intl.cloud.tencent.com/document/product/1047/34354: Sign covers neither the body nor the other parameters. Whoever
 * has seen one can send anything with it while it is fresh, so that time is short, and TLS must do the rest.
 */
function verifyTencent(): void
{
    [$sign, $time] = [parameter('Sign'), parameter('RequestTime')];
    if ($sign === '' || $time === '') {
        throw new Refused(401, 'not signed');
    }
    $known = false;
    foreach (setting('TENCENT_TOKENS') as $token) {
        $known = hash_equals(hash('sha256', $token . $time), $sign) || $known;
    }
    if (!$known) {
        throw new Refused(401, 'not signed with a known token');
    }
    if (!isWithin(60, $time)) {
        throw new Refused(401, 'signed too long ago or in the future; check the clocks');
    }
}

/** Style tencent has no ids: a repeat is the same body with an EventTime in it, or else the same body with the same RequestID. */
function tencentEvent(string $raw, stdClass $body): Event
{
    $command = parameter('CallbackCommand') ?: text($body->CallbackCommand ?? null);
    $dated = preg_match('/^[0-9]{1,15}$/D', text($body->EventTime ?? null)) === 1;
    $occurrence = $dated ? 'EventTime' : parameter('RequestID') . parameter('RequestId');
    $id = $occurrence === '' ? null : hash('sha256', parameter('SdkAppid') . " $command $occurrence $raw");
    return new Event($id, $command, $body);
}

function isWithin(int $seconds, string $timestamp): bool
{
    return preg_match('/^[0-9]{1,12}$/D', $timestamp) === 1 && abs(time() - (int) $timestamp) <= $seconds;
}

/** Several while rotating, separated by spaces. Where there are none, nothing is accepted. */
function setting(string $name): array
{
    return preg_split('/ +/', getenv($name) ?: '', -1, PREG_SPLIT_NO_EMPTY);
}

function keyOf(string $secret): string
{
    $key = base64_decode(substr($secret, strlen('whsec_')), true);
    if (!str_starts_with($secret, 'whsec_') || $key === false || strlen($key) < 18) {
        throw new RuntimeException('WEBHOOK_SECRETS: a secret is whsec_ and at least 18 bytes in base64');
    }
    return $key;
}

/** Given as a list (`Sign[]=`) it is none. */
function parameter(string $name): string
{
    return text($_GET[$name] ?? null);
}

function text(mixed $value): string
{
    return is_string($value) || is_int($value) ? (string) $value : '';
}

/** Integers that do not fit into 64 bits become text, else they would become floats: JSON_BIGINT_AS_STRING. */
function parse(string $raw): stdClass
{
    try {
        $body = json_decode(preg_replace('/^\xEF\xBB\xBF/', '', $raw), false, 512, JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
    } catch (JsonException) {
        throw new Refused(400, 'the body is no JSON');
    }
    return $body instanceof stdClass ? $body : throw new Refused(400, 'the body is no JSON object');
}

function receive(): void
{
    $path = explode('?', $_SERVER['REQUEST_URI'], 2)[0];
    if ($path !== '/baton' && $path !== '/tencent') {
        throw new Refused(404, 'there is /baton and /tencent');
    }
    if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
        throw new Refused(405, 'events are posted');
    }
    // As they came: JSON that was parsed and printed anew has other bytes, and no signature fits them.
    $raw = file_get_contents('php://input', length: LONGEST_BODY + 1);
    if (strlen($raw) > LONGEST_BODY) {
        throw new Refused(413, 'the body is too long');
    }
    if ($path === '/baton') {
        [$id, $command] = verifyBaton($raw);
        once(new Event($id, $command, parse($raw)));
    } else {
        verifyTencent();
        once(tencentEvent($raw, parse($raw)));
    }
}

ignore_user_abort(true); // what has begun is brought to its end
[$status, $problem] = [200, ''];
try {
    receive();
} catch (Refused $refused) {
    [$status, $problem] = [$refused->status, $refused->getMessage()];
} catch (Throwable $error) {
    error_log((string) $error);
    [$status, $problem] = [500, 'the work failed'];
}
// Style tencent wants the envelope; to style baton the status is the whole answer.
http_response_code($status);
header('content-type: application/json');
echo json_encode(['ActionStatus' => $status === 200 ? 'OK' : 'FAIL', 'ErrorInfo' => $problem, 'ErrorCode' => $status === 200 ? 0 : 1]);
