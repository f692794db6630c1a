/* A host of interface version 1: built with the header of that version that lies beside this file, run
 * with the library of today. It makes a call between two engines with every struct that there was.
 *
 * Behind each struct that the library fills stands a guard: a library that knows more fields must not
 * write them. Nothing here changes while the interface has the major version that it has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidetone.h"

#define MUST(holds)                                                   \
  do {                                                                \
    if (!(holds)) {                                                   \
      char text_[256] = "";                                           \
      sidetone_last_error(text_, sizeof text_, NULL);                 \
      fprintf(stderr, "line %d: not so: %s (%s)\n", __LINE__, #holds, text_); \
      exit(EXIT_FAILURE);                                             \
    }                                                                 \
  } while (0)

#define OK(call) MUST((call) == SIDETONE_OK)

enum { GUARD = 256, GUARD_BYTE = 0xA5 };

/* A struct with its guard, both full of what the library must overwrite or leave. */
#define GUARDED(kind, name)                                           \
  struct {                                                            \
    kind value;                                                       \
    unsigned char guard[GUARD];                                       \
  } name;                                                             \
  memset(&name, GUARD_BYTE, sizeof name)

#define INTACT(name) MUST(is_intact(name.guard))

/* Defaults into a guarded struct. */
#define DEFAULTS(kind, name)                                          \
  GUARDED(kind, name);                                                \
  OK(kind##_init(&name.value, sizeof name.value));                    \
  INTACT(name);                                                       \
  MUST(name.value.size == sizeof name.value)

/* A result into a guarded struct. */
#define READ(name, call)                                              \
  name.value.size = sizeof name.value;                                \
  OK(call);                                                           \
  INTACT(name);                                                       \
  MUST(name.value.size == sizeof name.value)

static int is_intact(const unsigned char *guard) {
  unsigned index;
  for (index = 0; index < GUARD; ++index)
    if (guard[index] != GUARD_BYTE) return 0;
  return 1;
}

static sidetone_engine *engine(void) {
  sidetone_engine *made = NULL;
  DEFAULTS(sidetone_engine_config, config);
  MUST(config.value.max_calls == 64 && config.value.t1_ms == 500);
  config.value.bind.data = "127.0.0.1";
  config.value.t1_ms = 200;
  config.value.media_workers = 1;
  config.value.host_methods.data = "X-LAMP";
  OK(sidetone_engine_create(&config.value, &made));
  MUST(made != NULL);
  return made;
}

/* The next event of a kind and, for calls, of a state. */
static sidetone_event await_event(sidetone_engine *engine, uint32_t kind, uint32_t state) {
  GUARDED(sidetone_event, event);
  for (;;) {
    READ(event, sidetone_event_next(engine, 20000, &event.value));
    if (event.value.kind == kind && (kind != SIDETONE_EVENT_CALL || event.value.state == state))
      return event.value;
  }
}

static void check_library(void) {
  MUST(sidetone_api_version() >> 16 == SIDETONE_API_VERSION >> 16);
  MUST(sidetone_api_version() >= SIDETONE_API_VERSION);
  MUST(sidetone_version()[0] != 0 && sidetone_strerror(SIDETONE_ERR_BUSY)[0] != 0);
  MUST(sidetone_has_feature("udp", -1) == 1 && sidetone_has_feature("no such", -1) == 0);
}

static void check_account(sidetone_engine *engine) {
  uint64_t account = 0, subscription = 0, publication = 0;
  DEFAULTS(sidetone_account_config, config);
  DEFAULTS(sidetone_account_services, services);
  DEFAULTS(sidetone_subscription_options, watch);
  DEFAULTS(sidetone_presence, presence);
  GUARDED(sidetone_account_info, info);
  GUARDED(sidetone_subscription_info, told);
  GUARDED(sidetone_watched_dialog, dialog);
  config.value.aor.data = "sip:alice@127.0.0.1:9";
  config.value.register_on_add = 0;
  OK(sidetone_account_add(engine, &config.value, &account, NULL));
  READ(info, sidetone_account_info_read(engine, account, &info.value));
  services.value.auto_answer = SIDETONE_AUTO_ANSWER_OFF;
  OK(sidetone_account_services_set(engine, account, &services.value));
  OK(sidetone_subscription_add(engine, account, "sip:bob@127.0.0.1:9", -1, &watch.value,
                               &subscription, NULL));
  READ(told, sidetone_subscription_info_read(engine, subscription, &told.value));
  dialog.value.size = sizeof dialog.value;
  MUST(sidetone_subscription_dialog_read(engine, subscription, 0, &dialog.value) ==
       SIDETONE_ERR_INVALID_ARGUMENT);
  OK(sidetone_presence_publish(engine, account, &presence.value, &publication, NULL));
  OK(sidetone_publication_remove(engine, publication, NULL));
  OK(sidetone_subscription_remove(engine, subscription, NULL));
  OK(sidetone_account_remove(engine, account, NULL));
}

static void check_audio(sidetone_engine *engine, uint64_t call) {
  int16_t samples[SIDETONE_TAP_SAMPLES_MAX];
  uint64_t tap = 0, injection = 0;
  uint32_t written = 0;
  DEFAULTS(sidetone_tap_options, options);
  DEFAULTS(sidetone_inject_options, into);
  DEFAULTS(sidetone_play_options, play);
  DEFAULTS(sidetone_audio, audio);
  GUARDED(sidetone_tap_frame, frame);
  GUARDED(sidetone_tap_info, info);
  GUARDED(sidetone_inject_info, injected);
  GUARDED(sidetone_audio_levels, levels);
  GUARDED(sidetone_device_info, device);
  OK(sidetone_tap_open(engine, call, &options.value, &tap));
  READ(frame, sidetone_tap_read(engine, tap, samples, SIDETONE_TAP_SAMPLES_MAX, 20000,
                                &frame.value));
  MUST(frame.value.samples == 320 && frame.value.timestamp == 0);
  READ(info, sidetone_tap_info_read(engine, tap, &info.value));
  OK(sidetone_inject_open(engine, call, &into.value, &injection));
  OK(sidetone_inject_write(engine, injection, samples, frame.value.samples, &written));
  MUST(written == frame.value.samples);
  READ(injected, sidetone_inject_info_read(engine, injection, &injected.value));
  OK(sidetone_inject_close(engine, injection));
  OK(sidetone_tap_close(engine, tap));
  MUST(sidetone_call_play(engine, call, "no such file.wav", -1, &play.value, NULL) ==
       SIDETONE_ERR_FILE_OPEN);
  OK(sidetone_audio_select(engine, &audio.value, NULL));
  READ(levels, sidetone_audio_levels_read(engine, &levels.value));
  device.value.size = sizeof device.value;
  MUST(sidetone_device_info_read(engine, UINT32_MAX, &device.value) ==
       SIDETONE_ERR_INVALID_ARGUMENT);
}

static void check_requests(sidetone_engine *near, sidetone_engine *far, const char *uri) {
  sidetone_body_part parts[1];
  sidetone_headers headers;
  sidetone_event event;
  char kind[128], body[512];
  uint32_t bytes = 0, count = 0;
  DEFAULTS(sidetone_sip_request, sip);
  DEFAULTS(sidetone_sip_answer, answer);
  sidetone_body_part_set(&parts[0], "text/plain", "on", -1);
  OK(sidetone_multipart_write(parts, 1, kind, sizeof kind, body, sizeof body, &bytes));
  OK(sidetone_multipart_count(kind, -1, body, bytes, &count));
  MUST(count == 1);
  sip.value.method.data = "X-LAMP";
  sip.value.content_type.data = kind;
  sip.value.body.data = body;
  sip.value.body.length = (int32_t)bytes;
  OK(sidetone_request_send(near, SIDETONE_ID_NONE, uri, -1, &sip.value, NULL));
  event = await_event(far, SIDETONE_EVENT_REQUEST, 0);
  headers = event.headers;
  MUST(headers.count > 5 && headers.data[0].name.length > 0);
  MUST(strcmp(event.method.data, "X-LAMP") == 0 && event.body.length == (int32_t)bytes);
  OK(sidetone_request_answer(far, event.transaction, &answer.value, NULL));
}

static void check_call(sidetone_engine *near, sidetone_engine *far, const char *uri) {
  uint64_t call = 0, request = 0, far_call;
  sidetone_header header;
  sidetone_event event;
  char text[64];
  DEFAULTS(sidetone_dial_options, dial);
  DEFAULTS(sidetone_answer_options, answer);
  GUARDED(sidetone_call_info, info);
  GUARDED(sidetone_call_stats, stats);
  GUARDED(sidetone_engine_stats, all);
  sidetone_header_set(&header, "X-Campaign", "spring");
  dial.value.headers.data = &header;
  dial.value.headers.count = 1;
  OK(sidetone_call_dial(near, SIDETONE_ID_NONE, uri, -1, &dial.value, &call, &request));
  event = await_event(far, SIDETONE_EVENT_INCOMING_CALL, 0);
  far_call = event.call;
  OK(sidetone_call_header_read(far, far_call, "X-Campaign", -1, text, sizeof text, NULL));
  MUST(strcmp(text, "spring") == 0);
  OK(sidetone_call_answer(far, far_call, &answer.value, NULL));
  event = await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED);
  MUST(event.call == call && event.sip_code == 200 && event.status == SIDETONE_OK);
  READ(info, sidetone_call_info_read(near, call, &info.value));
  MUST(info.value.outgoing == 1 && info.value.sip_code == 200);
  check_audio(near, call);
  READ(stats, sidetone_call_stats_read(near, call, &stats.value));
  READ(all, sidetone_engine_stats_read(near, &all.value));
  MUST(all.value.calls == 1);
  OK(sidetone_call_dtmf(near, call, "5", -1, 100, NULL));
  event = await_event(far, SIDETONE_EVENT_DTMF, 0);
  MUST(event.digit == '5' && event.call == far_call);
  OK(sidetone_call_hangup(near, call, NULL));
  event = await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED);
  MUST(event.end == SIDETONE_END_REMOTE);
  event = await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED);
  MUST(event.end == SIDETONE_END_LOCAL);
}

int main(void) {
  sidetone_engine *near = engine(), *far = engine();
  sidetone_text address;
  char text[64], uri[80];
  check_library();
  OK(sidetone_engine_address_read(far, SIDETONE_TRANSPORT_UDP, text, sizeof text, NULL));
  address.data = text;
  snprintf(uri, sizeof uri, "sip:bob@%s", address.data);
  check_account(near);
  check_call(near, far, uri);
  check_requests(near, far, uri);
  OK(sidetone_engine_shutdown(near, 2000));
  await_event(near, SIDETONE_EVENT_STOPPED, 0);
  OK(sidetone_engine_destroy(near));
  OK(sidetone_engine_destroy(far));
  puts("all as it was");
  return EXIT_SUCCESS;
}
