/* What happens around calls: messages, requests of any method, multipart bodies. */
#include "check.h"

static uint64_t last_call;

static void await_reply(sidetone_engine *engine, uint64_t request, int32_t expected, uint32_t code,
                        sidetone_event *event, int line) {
  CHECK(request != 0);
  do await_event(engine, SIDETONE_EVENT_REPLY, -1, event);
  while (event->request != request);
  expect_at(line, "reply", expected, event->status);
  if (event->sip_code != code) fprintf(stderr, "line %d: code %u\n", line, (unsigned)event->sip_code);
  CHECK(event->sip_code == code);
}

/* An engine that answers LAMP and INFO itself and takes short messages. */
static sidetone_engine *answering_engine(void) {
  sidetone_engine_config config;
  sidetone_engine *engine = NULL;
  EXPECT(OK, sidetone_engine_config_init(&config, sizeof config));
  config.bind.data = "127.0.0.1";
  config.t1_ms = 200; /* valgrind is slow: transactions end after 64 times as long */
  config.t2_ms = 800;
  config.t4_ms = 1000;
  config.host_methods.data = "LAMP, INFO, PUBLISH";
  config.message_types.data = "text/plain";
  config.max_message_bytes = 1000;
  EXPECT(OK, sidetone_engine_create(&config, &engine));
  REQUIRE(engine != NULL);
  return engine;
}

/* The value of a header of an event, or NULL. */
static const char *header_of(const sidetone_event *event, const char *name) {
  uint32_t index;
  for (index = 0; index < event->headers.count; ++index)
    if (strcmp(event->headers.data[index].name.data, name) == 0)
      return event->headers.data[index].value.data;
  return NULL;
}

static void check_messages(sidetone_engine *near, sidetone_engine *far, const char *uri) {
  uint64_t request = 0;
  sidetone_event event;
  static char flood[2000];
  EXPECT(OK, sidetone_message_send(near, 0, uri, -1, NULL, 0, "gr\xc3\xbc\xc3\x9f", 6, &request));
  await_event(far, SIDETONE_EVENT_MESSAGE, -1, &event);
  CHECK(event.call == SIDETONE_ID_NONE && event.body.length == 6);
  CHECK(memcmp(event.body.data, "gr\xc3\xbc\xc3\x9f", 7) == 0);
  CHECK(strcmp(event.content_type.data, "text/plain;charset=utf-8") == 0);
  CHECK(strncmp(event.to.data, "sip:bob@", 8) == 0 && event.from.length > 0);
  CHECK(header_of(&event, "Call-ID") != NULL);
  await_reply(near, request, SIDETONE_OK, 200, &event, __LINE__);

  EXPECT(OK, sidetone_message_send(near, 0, uri, -1, "image/png", -1, "x", 1, &request));
  await_reply(near, request, SIDETONE_ERR_REFUSED, 415, &event, __LINE__);
  CHECK(header_of(&event, "Accept") != NULL);
  memset(flood, 'x', sizeof flood);
  EXPECT(OK, sidetone_message_send(near, 0, uri, -1, NULL, 0, flood, 1001, &request));
  await_reply(near, request, SIDETONE_ERR_REFUSED, 413, &event, __LINE__);
  EXPECT(OK, sidetone_message_send(near, 0, "sip:bob@127.0.0.1:9", -1, NULL, 0, "?", 1, &request));
  await_reply(near, request, NOBODY_LISTENS, 0, &event, __LINE__);
  EXPECT(ERR_INVALID_URI, sidetone_message_send(near, 0, "bob", -1, NULL, 0, "x", 1, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_message_send(near, 0, uri, -1, "text", -1, "x", 1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_message_send(near, 0, uri, -1, NULL, 0, NULL, 1, NULL));
}

static void check_requests(sidetone_engine *near, sidetone_engine *far, const char *uri) {
  uint64_t request = 0, transaction;
  sidetone_event event;
  sidetone_header header;
  sidetone_sip_request sip;
  sidetone_sip_answer answer;
  EXPECT(OK, sidetone_sip_request_init(&sip, sizeof sip));
  sip.method.data = "LAMP";
  sip.content_type.data = "application/x-lamp";
  sip.body.data = "\0on";
  sip.body.length = 3;
  sidetone_header_set(&header, "X-Room", "kitchen");
  sip.headers.data = &header;
  sip.headers.count = 1;
  EXPECT(OK, sidetone_request_send(near, 0, uri, -1, &sip, &request));
  await_event(far, SIDETONE_EVENT_REQUEST, -1, &event);
  CHECK(strcmp(event.method.data, "LAMP") == 0 && event.transaction != SIDETONE_ID_NONE);
  CHECK(event.body.length == 3 && memcmp(event.body.data, "\0on", 3) == 0);
  CHECK(header_of(&event, "X-Room") && strcmp(header_of(&event, "X-Room"), "kitchen") == 0);
  transaction = event.transaction;
  EXPECT(OK, sidetone_sip_answer_init(&answer, sizeof answer));
  answer.sip_code = 299;
  answer.reason.data = "Lit";
  answer.content_type.data = "application/x-lamp";
  answer.body.data = "burns";
  sidetone_header_set(&header, "X-Watt", "40");
  answer.headers.data = &header;
  answer.headers.count = 1;
  EXPECT(OK, sidetone_request_answer(far, transaction, &answer, NULL));
  await_reply(near, request, SIDETONE_OK, 299, &event, __LINE__);
  CHECK(strcmp(event.text.data, "Lit") == 0 && strcmp(event.body.data, "burns") == 0);
  CHECK(header_of(&event, "X-Watt") && strcmp(header_of(&event, "X-Watt"), "40") == 0);
  answer.sip_code = 180;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_request_answer(far, transaction, &answer, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_request_answer(far, last_call, NULL, NULL));

  /* One that the host forgets is answered for it. */
  EXPECT(OK, sidetone_request_send(near, 0, uri, -1, &sip, &request));
  await_reply(near, request, SIDETONE_ERR_REFUSED, 500, &event, __LINE__);
}

static void check_refused_methods(sidetone_engine *near, sidetone_engine *far) {
  char uri[128];
  uint64_t request = 0;
  sidetone_event event;
  sidetone_sip_request sip;
  engine_uri(near, "alice", uri, sizeof uri);
  sidetone_sip_request_init(&sip, sizeof sip);
  sip.method.data = "LAMP";
  EXPECT(OK, sidetone_request_send(far, 0, uri, -1, &sip, &request));
  await_reply(far, request, SIDETONE_ERR_REFUSED, 501, &event, __LINE__);
  sip.method.data = "PUBLISH";
  EXPECT(OK, sidetone_request_send(far, 0, uri, -1, &sip, &request));
  await_reply(far, request, SIDETONE_ERR_REFUSED, 405, &event, __LINE__);
  CHECK(header_of(&event, "Allow") != NULL);
  sip.method.data = "INVITE";
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_request_send(far, 0, uri, -1, &sip, &request));
  CHECK(request == 0);
  sip.method.data = "a b";
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_request_send(far, 0, uri, -1, &sip, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_request_send(far, 0, uri, -1, NULL, NULL));
}

static void check_in_call(sidetone_engine *near, sidetone_engine *far, const char *uri) {
  uint64_t call = 0, far_call, request = 0;
  sidetone_event event;
  sidetone_sip_request sip;
  EXPECT(OK, sidetone_call_dial(near, 0, uri, -1, NULL, &call, NULL));
  last_call = call;
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  far_call = event.call;
  EXPECT(OK, sidetone_message_send(near, call, NULL, 0, NULL, 0, "early", 5, &request));
  await_reply(near, request, SIDETONE_ERR_WRONG_STATE, 0, &event, __LINE__);
  EXPECT(OK, sidetone_call_answer(far, far_call, NULL, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);

  EXPECT(OK, sidetone_message_send(near, call, NULL, 0, NULL, 0, "in the call", 11, &request));
  await_event(far, SIDETONE_EVENT_MESSAGE, -1, &event);
  CHECK(event.call == far_call && strcmp(event.body.data, "in the call") == 0);
  await_reply(near, request, SIDETONE_OK, 200, &event, __LINE__);
  EXPECT(OK, sidetone_message_send(far, far_call, NULL, 0, NULL, 0, "and back", 8, &request));
  await_event(near, SIDETONE_EVENT_MESSAGE, -1, &event);
  CHECK(event.call == call && strcmp(event.body.data, "and back") == 0);
  await_reply(far, request, SIDETONE_OK, 200, &event, __LINE__);

  sidetone_sip_request_init(&sip, sizeof sip);
  sip.method.data = "INFO";
  sip.content_type.data = "application/x-lamp";
  sip.body.data = "off";
  EXPECT(OK, sidetone_request_send(near, call, NULL, 0, &sip, &request));
  await_event(far, SIDETONE_EVENT_REQUEST, -1, &event);
  CHECK(event.call == far_call && strcmp(event.method.data, "INFO") == 0);
  EXPECT(OK, sidetone_request_answer(far, event.transaction, NULL, NULL));
  await_reply(near, request, SIDETONE_OK, 200, &event, __LINE__);

  /* A digit is still a digit. */
  sip.content_type.data = "application/dtmf-relay";
  sip.body.data = "Signal=5\r\nDuration=200\r\n";
  EXPECT(OK, sidetone_request_send(near, call, NULL, 0, &sip, &request));
  await_event(far, SIDETONE_EVENT_DTMF, -1, &event);
  CHECK(event.digit == '5' && event.duration_ms == 200);
  await_reply(near, request, SIDETONE_OK, 200, &event, __LINE__);

  EXPECT(OK, sidetone_call_hangup(near, call, NULL));
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  EXPECT(ERR_STALE_ID, sidetone_message_send(near, call, NULL, 0, NULL, 0, "late", 4, NULL));
}

/* A mailbox that tells unasked, and a busy lamp that nobody shows us. */
static void check_watching(sidetone_engine *near, sidetone_engine *far, const char *far_uri) {
  char uri[128], text[128];
  uint64_t request = 0, watched = 0, ids[4];
  uint32_t count = 0;
  sidetone_event event;
  sidetone_header headers[2];
  sidetone_sip_request sip;
  sidetone_subscription_options options;
  sidetone_subscription_info info;
  sidetone_watched_dialog dialog;
  info.size = sizeof info;
  dialog.size = sizeof dialog;
  engine_uri(near, "alice", uri, sizeof uri);
  sidetone_sip_request_init(&sip, sizeof sip);
  sip.method.data = "NOTIFY";
  sip.content_type.data = "application/simple-message-summary";
  sip.body.data = "Messages-Waiting: yes\r\nMessage-Account: sip:box@h\r\nVoice-Message: 2/1\r\n";
  sidetone_header_set(&headers[0], "Event", "message-summary");
  sidetone_header_set(&headers[1], "Subscription-State", "active");
  sip.headers.data = headers;
  sip.headers.count = 2;
  EXPECT(OK, sidetone_request_send(far, 0, uri, -1, &sip, &request));
  await_event(near, SIDETONE_EVENT_MESSAGE_WAITING, 1, &event);
  CHECK(event.voice_new == 2 && event.voice_old == 1 && event.subscription == SIDETONE_ID_NONE);
  CHECK(strcmp(event.to.data, "sip:box@h") == 0 && event.body.length > 0);
  await_reply(far, request, SIDETONE_OK, 200, &event, __LINE__);

  EXPECT(OK, sidetone_subscription_options_init(&options, sizeof options));
  CHECK(options.package == SIDETONE_PACKAGE_DIALOG && options.expires_s == 3600);
  options.package = SIDETONE_PACKAGE_OTHER;
  options.event.data = "x weather";
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_subscription_add(near, 0, far_uri, -1, &options, &watched, NULL));
  CHECK(watched == SIDETONE_ID_NONE);
  EXPECT(OK, sidetone_subscription_add(near, 0, far_uri, -1, NULL, &watched, &request));
  await_event(near, SIDETONE_EVENT_SUBSCRIPTION, SIDETONE_SUBSCRIPTION_ENDED, &event);
  CHECK(event.subscription == watched && event.sip_code == 489);
  await_reply(near, request, SIDETONE_ERR_REFUSED, 0, &event, __LINE__);
  EXPECT(OK, sidetone_subscription_info_read(near, watched, &info));
  CHECK(info.state == SIDETONE_SUBSCRIPTION_ENDED && info.sip_code == 489);
  CHECK(info.lamp == SIDETONE_LAMP_UNKNOWN && info.dialogs == 0);
  EXPECT(OK, sidetone_subscription_text_read(near, watched, SIDETONE_SUBSCRIPTION_TEXT_EVENT, text,
                                             sizeof text, NULL));
  CHECK(strcmp(text, "dialog") == 0);
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_subscription_dialog_read(near, watched, 0, &dialog));
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_subscription_dialog_text_read(near, watched, 0, SIDETONE_DIALOG_TEXT_ID, text,
                                                sizeof text, NULL));
  EXPECT(OK, sidetone_subscription_list(near, ids, 4, &count));
  CHECK(count == 1 && ids[0] == watched);
  EXPECT(OK, sidetone_subscription_refresh(near, watched, NULL));
  await_event(near, SIDETONE_EVENT_SUBSCRIPTION, SIDETONE_SUBSCRIPTION_ENDED, &event);
  EXPECT(OK, sidetone_subscription_remove(near, watched, &request));
  await_reply(near, request, SIDETONE_OK, 0, &event, __LINE__);
  EXPECT(ERR_STALE_ID, sidetone_subscription_info_read(near, watched, &info));
  EXPECT(ERR_WRONG_KIND, sidetone_subscription_remove(near, last_call, NULL));
}

/* The far end's host plays the compositor. */
static void compositor(sidetone_engine *far, const char *wanted, const char *etag,
                       sidetone_event *event) {
  sidetone_sip_answer answer;
  sidetone_header headers[2];
  await_event(far, SIDETONE_EVENT_REQUEST, -1, event);
  CHECK(strcmp(event->method.data, "PUBLISH") == 0 && strstr(event->body.data, wanted) != NULL);
  sidetone_sip_answer_init(&answer, sizeof answer);
  sidetone_header_set(&headers[0], "SIP-ETag", etag);
  sidetone_header_set(&headers[1], "Expires", "600");
  answer.headers.data = headers;
  answer.headers.count = 2;
  EXPECT(OK, sidetone_request_answer(far, event->transaction, &answer, NULL));
}

static void check_publishing(sidetone_engine *near, sidetone_engine *far, const char *far_uri) {
  uint64_t account = 0, request = 0, own = 0, lamp = 0;
  sidetone_event event;
  sidetone_account_config config;
  sidetone_presence presence;
  sidetone_account_config_init(&config, sizeof config);
  config.aor.data = "sip:alice@pbx.test";
  config.outbound_proxy.data = far_uri;
  EXPECT(OK, sidetone_account_add(near, &config, &account, NULL));
  EXPECT(OK, sidetone_presence_init(&presence, sizeof presence));
  presence.activity.data = "away";
  presence.note.data = "lunch";
  EXPECT(OK, sidetone_presence_publish(near, account, &presence, &own, &request));
  compositor(far, "<note>lunch</note>", "one", &event);
  CHECK(header_of(&event, "SIP-If-Match") == NULL);
  await_event(near, SIDETONE_EVENT_PUBLICATION, SIDETONE_PUBLICATION_PUBLISHED, &event);
  CHECK(event.publication == own && event.expires_s == 600);
  await_reply(near, request, SIDETONE_OK, 0, &event, __LINE__);
  presence.open = 0;
  EXPECT(OK, sidetone_presence_update(near, own, &presence, &request));
  compositor(far, "<basic>closed</basic>", "two", &event);
  CHECK(header_of(&event, "SIP-If-Match") && strcmp(header_of(&event, "SIP-If-Match"), "one") == 0);
  await_reply(near, request, SIDETONE_OK, 0, &event, __LINE__);
  EXPECT(OK, sidetone_publication_remove(near, own, &request));
  compositor(far, "", "three", &event);
  CHECK(strcmp(header_of(&event, "Expires"), "0") == 0 && event.body.length == 0);
  await_reply(near, request, SIDETONE_OK, 0, &event, __LINE__);
  EXPECT(ERR_STALE_ID, sidetone_presence_update(near, own, &presence, NULL));
  EXPECT(OK, sidetone_publication_add(near, account, "x-lamp", -1, "text/plain", -1, "on", 2, &lamp,
                                      NULL));
  compositor(far, "on", "four", &event);
  EXPECT(OK, sidetone_publication_update(near, lamp, "text/plain", -1, "off", 3, &request));
  compositor(far, "off", "five", &event);
  await_reply(near, request, SIDETONE_OK, 0, &event, __LINE__);
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_publication_update(near, lamp, "text/plain", -1, NULL, 0, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_presence_publish(near, lamp, &presence, &own, NULL));
  EXPECT(OK, sidetone_publication_remove(near, lamp, NULL));
  compositor(far, "", "six", &event);
}

static void check_multipart(void) {
  char type[64], body[512], value[64];
  uint32_t bytes = 0, count = 0, offset = 0, part = 0;
  sidetone_body_part parts[2];
  sidetone_body_part_set(&parts[0], "text/plain", "hello", -1);
  sidetone_body_part_set(&parts[1], "application/octet-stream", "\0\r\n--part-0\r\n", 13);
  EXPECT(OK, sidetone_multipart_write(parts, 2, type, sizeof type, NULL, 0, &bytes));
  CHECK(bytes > 50 && bytes < sizeof body);
  EXPECT(ERR_TOO_SMALL, sidetone_multipart_write(parts, 2, type, sizeof type, body, 50, &bytes));
  EXPECT(OK, sidetone_multipart_write(parts, 2, type, sizeof type, body, sizeof body, &bytes));
  CHECK(strncmp(type, "multipart/mixed;boundary=", 25) == 0);
  EXPECT(OK, sidetone_multipart_count(type, -1, body, bytes, &count));
  CHECK(count == 2);
  EXPECT(OK, sidetone_multipart_read(type, -1, body, bytes, 1, &offset, &part, "content-type", -1,
                                     value, sizeof value, NULL));
  CHECK(part == 13 && memcmp(body + offset, "\0\r\n--part-0\r\n", 13) == 0);
  CHECK(strcmp(value, "application/octet-stream") == 0);
  EXPECT(OK, sidetone_multipart_read(type, -1, body, bytes, 0, &offset, &part, "X-None", -1, value,
                                     sizeof value, NULL));
  CHECK(part == 5 && value[0] == 0);
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_multipart_read(type, -1, body, bytes, 2, NULL, NULL, NULL,
                                                       0, NULL, 0, NULL));
  EXPECT(OK, sidetone_multipart_count("text/plain", -1, body, bytes, &count));
  CHECK(count == 0);
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_multipart_write(parts, 0, type, 64, body, 512, &bytes));
}

int main(void) {
  char uri[128];
  sidetone_engine *near = loopback_engine(), *far = answering_engine();
  engine_uri(far, "bob", uri, sizeof uri);
  check_in_call(near, far, uri);
  check_messages(near, far, uri);
  check_requests(near, far, uri);
  check_refused_methods(near, far);
  check_watching(near, far, uri);
  check_publishing(near, far, uri);
  check_multipart();
  EXPECT(OK, sidetone_engine_destroy(near));
  EXPECT(OK, sidetone_engine_destroy(far));
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
