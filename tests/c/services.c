/* Calls that go elsewhere and say more: three engines of one process, transfers, redirects, headers by
 * kind of message, who calls, and why a call ended. */
#include "check.h"

static void await_state(sidetone_engine *engine, uint64_t call, uint32_t state,
                        sidetone_event *event) {
  do await_event(engine, SIDETONE_EVENT_CALL, (int)state, event);
  while (event->call != call);
}

/* A connected call from one engine to another. */
static void connect_call(sidetone_engine *from, uint64_t account, sidetone_engine *to,
                         const char *uri, uint64_t *out, uint64_t *in) {
  sidetone_event event;
  EXPECT(OK, sidetone_call_dial(from, account, uri, -1, NULL, out, NULL));
  await_event(to, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  *in = event.call;
  EXPECT(OK, sidetone_call_answer(to, *in, NULL, NULL));
  await_state(from, *out, SIDETONE_CALL_CONNECTED, &event);
  await_state(to, *in, SIDETONE_CALL_CONNECTED, &event);
}

static uint64_t add_account(sidetone_engine *engine, const char *aor) {
  sidetone_account_config config;
  uint64_t account = 0;
  EXPECT(OK, sidetone_account_config_init(&config, sizeof config));
  config.aor.data = aor;
  config.codecs[0] = SIDETONE_CODEC_PCMU;
  EXPECT(OK, sidetone_account_add(engine, &config, &account, NULL));
  return account;
}

/* The far end's user decides, and its call lives on with another far end. */
static void blind_transfer(sidetone_engine *a, uint64_t account, sidetone_engine *b,
                           sidetone_engine *c, const char *uri_b, const char *uri_c) {
  uint64_t out = 0, in = 0;
  sidetone_event event;
  connect_call(a, account, b, uri_b, &out, &in);
  EXPECT(OK, sidetone_call_transfer(a, out, uri_c, -1, 0, NULL));
  await_event(b, SIDETONE_EVENT_TRANSFER, SIDETONE_TRANSFER_ASKED, &event);
  CHECK(event.call == in && (event.flags & SIDETONE_TRANSFER_FLAG_DECIDE));
  CHECK(!(event.flags & SIDETONE_TRANSFER_FLAG_ATTENDED) && strcmp(event.to.data, uri_c) == 0);
  CHECK(strncmp(event.from.data, "sip:alice@", 10) == 0);
  EXPECT(OK, sidetone_call_transfer_reject(b, in, NULL));
  await_event(a, SIDETONE_EVENT_TRANSFER, SIDETONE_TRANSFER_FAILED, &event);
  CHECK(event.call == out && event.sip_code == 603);
  EXPECT(OK, sidetone_call_transfer(a, out, uri_c, -1, 0, NULL));
  await_event(b, SIDETONE_EVENT_TRANSFER, SIDETONE_TRANSFER_ASKED, &event);
  EXPECT(OK, sidetone_call_transfer_accept(b, in, NULL));
  await_event(c, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  EXPECT(OK, sidetone_call_answer(c, event.call, NULL, NULL));
  await_event(a, SIDETONE_EVENT_TRANSFER, SIDETONE_TRANSFER_DONE, &event);
  await_state(a, out, SIDETONE_CALL_ENDED, &event);
  CHECK(event.end == SIDETONE_END_TRANSFERRED && event.status == SIDETONE_OK);
  await_event(b, SIDETONE_EVENT_REPLACED, -1, &event);
  CHECK(event.call == in && strncmp(event.from.data, "sip:carol@", 10) == 0);
  EXPECT(OK, sidetone_call_hangup(b, in, NULL));
  await_state(b, in, SIDETONE_CALL_ENDED, &event);
  await_event(c, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  CHECK(event.end == SIDETONE_END_REMOTE);
}

static void attended_transfer(sidetone_engine *a, uint64_t account, sidetone_engine *b,
                              sidetone_engine *c, const char *uri_b, const char *uri_c) {
  uint64_t to_b = 0, in_b = 0, to_c = 0, in_c = 0;
  sidetone_event event;
  connect_call(a, account, b, uri_b, &to_b, &in_b);
  connect_call(a, account, c, uri_c, &to_c, &in_c);
  EXPECT(OK, sidetone_call_transfer_to(a, to_b, to_c, NULL));
  await_event(b, SIDETONE_EVENT_TRANSFER, SIDETONE_TRANSFER_ASKED, &event);
  CHECK(event.flags & SIDETONE_TRANSFER_FLAG_ATTENDED);
  EXPECT(OK, sidetone_call_transfer_accept(b, in_b, NULL));
  await_event(c, SIDETONE_EVENT_REPLACED, -1, &event);
  CHECK(event.call == in_c);
  await_state(a, to_b, SIDETONE_CALL_ENDED, &event);
  EXPECT(OK, sidetone_call_hangup(c, in_c, NULL));
  await_state(c, in_c, SIDETONE_CALL_ENDED, &event);
  await_state(b, in_b, SIDETONE_CALL_ENDED, &event);
}

/* b sends its caller to c; a is asked. */
static void redirect(sidetone_engine *a, uint64_t account, sidetone_engine *b, sidetone_engine *c,
                     const char *uri_b, const char *uri_c) {
  uint64_t out = 0;
  sidetone_event event;
  sidetone_account_services services;
  EXPECT(OK, sidetone_account_services_init(&services, sizeof services));
  services.redirect = SIDETONE_POLICY_ASK;
  services.anonymous = 1;
  services.asserted_identity.data = "Alice <tel:+4930123>";
  EXPECT(OK, sidetone_account_services_set(a, account, &services));
  EXPECT(OK, sidetone_call_dial(a, account, uri_b, -1, NULL, &out, NULL));
  await_event(b, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  EXPECT(OK, sidetone_call_redirect(b, event.call, uri_c, -1, NULL));
  await_event(a, SIDETONE_EVENT_REDIRECTED, 1, &event);
  CHECK(event.call == out && strcmp(event.to.data, uri_c) == 0);
  EXPECT(OK, sidetone_call_redirect_follow(a, out, 1, NULL));
  await_event(c, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  {
    char who[128];
    uint32_t needed = 0, privacy = 0;
    CHECK(strstr(event.from.data, "anonymous.invalid") != NULL);
    EXPECT(OK, sidetone_call_identity_read(c, event.call, SIDETONE_IDENTITY_ASSERTED, 0, who,
                                           sizeof who, &needed));
    CHECK(strstr(who, "tel:+4930123") != NULL);
    EXPECT(OK, sidetone_call_identity_read(c, event.call, SIDETONE_IDENTITY_HISTORY, 0, who,
                                           sizeof who, &needed));
    CHECK(needed == 0 && who[0] == 0);
    EXPECT(ERR_INVALID_ARGUMENT,
           sidetone_call_identity_read(c, event.call, 99, 0, who, sizeof who, &needed));
    EXPECT(OK, sidetone_call_privacy_read(c, event.call, &privacy));
    CHECK(privacy == SIDETONE_PRIVACY_ID);
    EXPECT(ERR_NULL_POINTER, sidetone_call_privacy_read(c, event.call, NULL));
  }
  EXPECT(OK, sidetone_call_hangup(a, out, NULL));
  await_event(c, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  CHECK(event.end == SIDETONE_END_CANCELLED);
  await_state(a, out, SIDETONE_CALL_ENDED, &event);
  EXPECT(OK, sidetone_account_services_init(&services, sizeof services));
  EXPECT(OK, sidetone_account_services_set(a, account, &services));
}

/* A header on BYE, and the cause of the end. */
static void why_it_ended(sidetone_engine *a, uint64_t account, sidetone_engine *b,
                         const char *uri_b) {
  uint64_t out = 0, in = 0;
  char value[64];
  uint32_t needed = 0;
  sidetone_event event;
  sidetone_header header;
  sidetone_headers list;
  memset(&list, 0, sizeof list);
  connect_call(a, account, b, uri_b, &out, &in);
  sidetone_header_set(&header, "X-Outcome", "sold");
  list.data = &header;
  list.count = 1;
  EXPECT(OK, sidetone_call_headers_set(a, out, SIDETONE_MESSAGE_BYE, &list, NULL));
  EXPECT(OK, sidetone_call_hangup_with(a, out, 31, NULL, 0, NULL));
  await_state(b, in, SIDETONE_CALL_ENDING, &event);
  EXPECT(OK, sidetone_call_message_header_read(b, in, SIDETONE_MESSAGE_BYE, "x-outcome", -1, 0,
                                               value, sizeof value, &needed));
  CHECK(strcmp(value, "sold") == 0);
  EXPECT(OK, sidetone_call_message_header_read(b, in, SIDETONE_MESSAGE_REFER, "To", -1, 0, value,
                                               sizeof value, &needed));
  CHECK(needed == 0);
  await_state(b, in, SIDETONE_CALL_ENDED, &event);
  CHECK(event.end == SIDETONE_END_REMOTE && event.q850_cause == 31);
  CHECK(strcmp(event.reason.data, "Normal, unspecified") == 0);
  await_state(a, out, SIDETONE_CALL_ENDED, &event);
  CHECK(event.end == SIDETONE_END_LOCAL);
}

/* b does not want to be disturbed, then sends everything to c. */
static void services(sidetone_engine *a, uint64_t account, sidetone_engine *b, uint64_t bob,
                     sidetone_engine *c, const char *uri_b, const char *uri_c) {
  uint64_t out = 0;
  sidetone_event event;
  sidetone_account_services services;
  EXPECT(OK, sidetone_account_services_init(&services, sizeof services));
  services.do_not_disturb = SIDETONE_DISTURB_UNAVAILABLE;
  EXPECT(OK, sidetone_account_services_set(b, bob, &services));
  EXPECT(OK, sidetone_call_dial(a, account, uri_b, -1, NULL, &out, NULL));
  await_state(a, out, SIDETONE_CALL_ENDED, &event);
  CHECK(event.sip_code == 480 && event.end == SIDETONE_END_REFUSED);
  services.forward_always.data = uri_c;
  EXPECT(OK, sidetone_account_services_set(b, bob, &services));
  EXPECT(OK, sidetone_call_dial(a, account, uri_b, -1, NULL, &out, NULL));
  await_event(c, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  EXPECT(OK, sidetone_call_reject(c, event.call, 486, NULL, 0, NULL));
  await_state(a, out, SIDETONE_CALL_ENDED, &event);

  services.forward_always.data = "nowhere";
  EXPECT(ERR_INVALID_URI, sidetone_account_services_set(b, bob, &services));
  services.forward_always.data = NULL;
  services.dial_plan.data = "(12[3)";
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_account_services_set(b, bob, &services));
  services.dial_plan.data = "0900x.!";
  EXPECT(OK, sidetone_account_services_set(b, bob, &services));
  EXPECT(ERR_INVALID_URI, sidetone_call_dial(b, bob, "0900 123", -1, NULL, &out, NULL));
}

int main(void) {
  char uri_b[128], uri_c[128];
  sidetone_engine *a = loopback_engine(), *b = loopback_engine(), *c = loopback_engine();
  uint64_t alice = add_account(a, "sip:alice@127.0.0.1");
  uint64_t bob = add_account(b, "sip:bob@127.0.0.1");
  add_account(c, "sip:carol@127.0.0.1");
  engine_uri(b, "bob", uri_b, sizeof uri_b);
  engine_uri(c, "carol", uri_c, sizeof uri_c);

  blind_transfer(a, alice, b, c, uri_b, uri_c);
  attended_transfer(a, alice, b, c, uri_b, uri_c);
  redirect(a, alice, b, c, uri_b, uri_c);
  why_it_ended(a, alice, b, uri_b);
  services(a, alice, b, bob, c, uri_b, uri_c);

  EXPECT(OK, sidetone_engine_destroy(a));
  EXPECT(OK, sidetone_engine_destroy(b));
  EXPECT(OK, sidetone_engine_destroy(c));
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
