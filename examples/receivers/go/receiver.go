// Receives Baton's events: verifies them on the raw bytes, drops repeats, parses, works, and only then answers 2xx.
// Put your own work into handle. What Baton expects, and what it makes of each status: docs/receivers.md
//
//	WEBHOOK_SECRETS="whsec_..." TENCENT_TOKENS="..." go run receiver.go      style baton at /baton, style tencent at /tencent
//
// Go 1.19 or later, the standard library alone.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Several while rotating, separated by spaces. Where there are none, nothing is accepted.
var (
	keys   = keysOf(strings.Fields(os.Getenv("WEBHOOK_SECRETS")))
	tokens = strings.Fields(os.Getenv("TENCENT_TOKENS"))
)

// Baton takes no callback that is longer. In bytes.
const longestBody = 1 << 20

type event struct {
	id      string // the same for each repeat; empty where nothing tells a repeat from a second occurrence
	command string
	body    map[string]any // check what you rely on: Tencent sends what it does not document, and leaves out what it does
}

// handle is your work. An error is answered 500, and Baton tries again.
func handle(e event) error {
	body, err := json.Marshal(e.body)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(setting("EVENTS_FILE", "events.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintf(file, "%s %s %s\n", e.id, e.command, body)
	return err
}

var (
	done    = map[string]bool{}
	working sync.Mutex
)

// once does the work of an event that was not done before.
//
// In production the ids belong into your database, into the very transaction of the work: then both are kept or neither, whatever crashes.
//
//	BEGIN; INSERT INTO handled (id) VALUES ($1) ON CONFLICT DO NOTHING;   -- no row inserted: a repeat, nothing is left to do
//	...the work...; COMMIT;                                               -- and only then the answer
//
// This map is forgotten with the process, grows for ever, no second process knows of it, and events wait for one another.
func once(e event) error {
	working.Lock()
	defer working.Unlock()
	if e.id != "" && done[e.id] {
		return nil
	}
	if err := handle(e); err != nil {
		return err
	}
	if e.id != "" {
		done[e.id] = true
	}
	return nil
}

// verifyBaton: https://www.standardwebhooks.com. The signature covers id, timestamp and body, and none of the baton-* headers.
func verifyBaton(headers http.Header, body []byte) (id, command string, err error) {
	id, command = headers.Get("webhook-id"), headers.Get("baton-command")
	timestamp, signatures := headers.Get("webhook-timestamp"), headers.Get("webhook-signature")
	if id == "" || command == "" || timestamp == "" || signatures == "" {
		return "", "", refused{401, "not signed, or not by Baton"}
	}
	known := false
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + timestamp + "."))
		mac.Write(body)
		expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		for _, given := range strings.Fields(signatures) {
			known = hmac.Equal([]byte(given), []byte(expected)) || known
		}
	}
	if !known {
		return "", "", refused{401, "no signature with a known secret"}
	}
	if !isWithin(5*time.Minute, timestamp) {
		return "", "", refused{401, "signed too long ago or in the future; check the clocks"}
	}
	return id, command, nil
}

// verifyTencent: https://intl.cloud.tencent.com/document/product/1047/34354. Sign covers neither the body nor the other parameters. Whoever has
// seen one can send anything with it while it is fresh, so that time is short, and TLS must do the rest.
func verifyTencent(query url.Values) error {
	sign, requestTime := query.Get("Sign"), query.Get("RequestTime")
	if sign == "" || requestTime == "" {
		return refused{401, "not signed"}
	}
	known := false
	for _, token := range tokens {
		sum := sha256.Sum256([]byte(token + requestTime))
		known = hmac.Equal([]byte(sign), []byte(hex.EncodeToString(sum[:]))) || known
	}
	if !known {
		return refused{401, "not signed with a known token"}
	}
	if !isWithin(time.Minute, requestTime) {
		return refused{401, "signed too long ago or in the future; check the clocks"}
	}
	return nil
}

// tencentEvent: style tencent has no ids. A repeat is the same body with an EventTime in it, or else the same body with the same RequestID.
func tencentEvent(query url.Values, raw []byte, body map[string]any) event {
	command := query.Get("CallbackCommand")
	if command == "" {
		command = fmt.Sprint(body["CallbackCommand"])
	}
	occurrence := query.Get("RequestID") + query.Get("RequestId")
	if digits.MatchString(fmt.Sprint(body["EventTime"])) {
		occurrence = "EventTime"
	}
	if occurrence == "" {
		return event{"", command, body}
	}
	sum := sha256.Sum256(append([]byte(query.Get("SdkAppid")+" "+command+" "+occurrence+" "), raw...))
	return event{hex.EncodeToString(sum[:]), command, body}
}

var digits = regexp.MustCompile(`^\d{1,15}$`)

func isWithin(most time.Duration, timestamp string) bool {
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	distance := time.Since(time.Unix(seconds, 0))
	return err == nil && -most <= distance && distance <= most
}

func keysOf(secrets []string) (keys [][]byte) {
	for _, secret := range secrets {
		encoded := strings.TrimRight(strings.TrimPrefix(secret, "whsec_"), "=")
		key, err := base64.RawStdEncoding.DecodeString(encoded)
		if err != nil || len(key) < 18 || !strings.HasPrefix(secret, "whsec_") {
			log.Fatal("WEBHOOK_SECRETS: a secret is whsec_ and at least 18 bytes in base64")
		}
		keys = append(keys, key)
	}
	return keys
}

// parse keeps numbers as the text that they were (json.Number): there are ids such as 144115212830834855, which a float64 cannot hold.
func parse(raw []byte) (map[string]any, error) {
	var body map[string]any
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff"))))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil || body == nil {
		return nil, refused{400, "the body is no JSON object"}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, refused{400, "the body is more than one JSON object"}
	}
	return body, nil
}

type refused struct {
	status  int
	message string
}

func (r refused) Error() string { return r.message }

func receive(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Path != "/baton" && r.URL.Path != "/tencent" {
		return refused{404, "there is /baton and /tencent"}
	}
	if r.Method != http.MethodPost {
		return refused{405, "events are posted"}
	}
	// As they came: JSON that was parsed and printed anew has other bytes, and no signature fits them.
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestBody))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return refused{413, "the body is too long"}
	}
	if err != nil {
		return err
	}
	var id, command string
	if r.URL.Path == "/baton" {
		id, command, err = verifyBaton(r.Header, raw)
	} else {
		err = verifyTencent(r.URL.Query())
	}
	if err != nil {
		return err
	}
	body, err := parse(raw)
	if err != nil {
		return err
	}
	if r.URL.Path == "/baton" {
		return once(event{id, command, body})
	}
	return once(tencentEvent(r.URL.Query(), raw, body))
}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		status, answer := 200, map[string]any{"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0}
		if err := receive(w, r); err != nil {
			log.Print(err)
			refusal := refused{500, "the work failed"}
			errors.As(err, &refusal)
			status, answer = refusal.status, map[string]any{"ActionStatus": "FAIL", "ErrorInfo": refusal.message, "ErrorCode": 1}
		}
		// Style tencent wants the envelope; to style baton the status is the whole answer.
		w.Header().Set("content-type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(answer)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+setting("PORT", "7090"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("waiting for events at http://" + listener.Addr().String())
	log.Fatal((&http.Server{ReadTimeout: 10 * time.Second}).Serve(listener))
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
