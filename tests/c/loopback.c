/* Two engines of one process call each other: every function does its work once. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <unistd.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#define pipe(ends) _pipe(ends, 4096, _O_BINARY)
#endif

#include "check.h"

/* A host's notes; the wake-up and log functions run on threads of the library. */
struct notes {
  sidetone_engine *engine;
  int pipe;
};

static void note(const struct notes *notes, char what) {
  REQUIRE(write(notes->pipe, &what, 1) == 1);
}

/* A call back into the engine must be refused, and told to be so. */
static void on_wakeup(void *user) {
  const struct notes *notes = (const struct notes *)user;
  sidetone_event event;
  event.size = sizeof event;
  note(notes, sidetone_event_next(notes->engine, 0, &event) == SIDETONE_ERR_WRONG_THREAD ? 'w'
                                                                                         : 'W');
}

static void on_log(uint32_t level, const char *module, const char *text, int32_t length,
                   void *user) {
  const struct notes *notes = (const struct notes *)user;
  if (sidetone_wake(notes->engine) != SIDETONE_ERR_WRONG_THREAD || (int32_t)strlen(text) != length)
    note(notes, 'L');
  if (level == SIDETONE_LOG_TRACE && strcmp(module, "sip.trace") == 0 && strstr(text, "INVITE"))
    note(notes, 'l');
}

/* Whether the pipe brought `what`, now or before, and nothing in capitals. */
static int noted(int fd, char what) {
  static char seen[4000];
  static int count;
  while (memchr(seen, what, (size_t)count) == NULL) {
    if (count == (int)sizeof seen || read(fd, seen + count, 1) != 1) return 0;
    if (seen[count] >= 'A' && seen[count] <= 'Z') return 0;
    ++count;
  }
  return 1;
}

static void await_reply(sidetone_engine *engine, uint64_t request, int32_t expected, int line) {
  sidetone_event event;
  CHECK(request != 0);
  do await_event(engine, SIDETONE_EVENT_REPLY, -1, &event);
  while (event.request != request);
  expect_at(line, "reply", expected, event.status);
}

static void check_call(sidetone_engine *near, uint64_t call, sidetone_engine *far, uint64_t far_call) {
  char text[256];
  uint32_t needed = 0;
  uint64_t calls[4];
  sidetone_call_info info;
  info.size = sizeof info;
  EXPECT(OK, sidetone_call_info_read(near, call, &info));
  CHECK(info.state == SIDETONE_CALL_CONNECTED && info.outgoing == 1 && info.sip_code == 200);
  CHECK(info.codec == SIDETONE_CODEC_PCMA && info.ptime_ms == 20);
  CHECK(info.srtp_suite == SIDETONE_SUITE_AEAD_AES_256_GCM);
  CHECK(info.direction == SIDETONE_DIRECTION_SENDRECV && info.latch == SIDETONE_LATCH_ONCE);
  CHECK(info.account == SIDETONE_ID_NONE && info.muted == 0);
  EXPECT(OK, sidetone_call_info_read(far, far_call, &info));
  CHECK(info.outgoing == 0 && info.state == SIDETONE_CALL_CONNECTED);

  EXPECT(OK, sidetone_call_text_read(near, call, SIDETONE_CALL_TEXT_REMOTE_URI, text, sizeof text,
                                     NULL));
  CHECK(strstr(text, "sip:bob@127.0.0.1") != NULL);
  EXPECT(OK, sidetone_call_text_read(near, call, SIDETONE_CALL_TEXT_SIP_CALL_ID, text, sizeof text,
                                     &needed));
  CHECK(needed > 8);
  EXPECT(OK, sidetone_call_text_read(near, call, SIDETONE_CALL_TEXT_LOCAL_URI, text, sizeof text,
                                     NULL));
  EXPECT(OK, sidetone_call_text_read(near, call, SIDETONE_CALL_TEXT_REMOTE_NAME, text, sizeof text,
                                     NULL));
  EXPECT(OK, sidetone_call_text_read(near, call, SIDETONE_CALL_TEXT_LOCAL_RTP, text, sizeof text,
                                     NULL));
  CHECK(strchr(text, ':') != NULL);
  EXPECT(OK, sidetone_call_text_read(near, call, SIDETONE_CALL_TEXT_REMOTE_RTP, text, sizeof text,
                                     NULL));
  CHECK(strncmp(text, "127.0.0.1:", 10) == 0);

  EXPECT(OK, sidetone_call_header_read(far, far_call, "x-campaign", -1, text, sizeof text, &needed));
  CHECK(strcmp(text, "spring") == 0 && needed == sizeof "spring");
  EXPECT(OK, sidetone_call_header_read(near, call, "X-Agent", -1, text, sizeof text, &needed));
  CHECK(strcmp(text, "bob") == 0);
  EXPECT(OK, sidetone_call_header_read(near, call, "X-Nothing", -1, text, sizeof text, &needed));
  CHECK(text[0] == 0 && needed == 0);
  EXPECT(OK, sidetone_call_list(near, calls, 4, &needed));
  CHECK(needed == 1 && calls[0] == call);
}

/* Media of both calls runs: digits, gains, routes, files. */
static void use_call(sidetone_engine *near, uint64_t call, sidetone_engine *far, uint64_t far_call,
                     const char *folder, const char *speech) {
  char wav[512], pcap[512];
  uint64_t request = 0;
  sidetone_event event;
  sidetone_play_options play;
  snprintf(wav, sizeof wav, "%s/loopback.wav", folder);
  snprintf(pcap, sizeof pcap, "%s/loopback.pcap", folder);

  EXPECT(OK, sidetone_call_capture(near, call, pcap, -1, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_record(near, call, wav, -1, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_gain(near, call, -3.0f, 3.0f, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_route(far, far_call, far_call, -6.0f, &request));
  await_reply(far, request, SIDETONE_OK, __LINE__);
  sidetone_play_options_init(&play, sizeof play);
  play.gain_db = -1.0f;
  EXPECT(OK, sidetone_call_play(near, call, speech, -1, &play, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  await_event(near, SIDETONE_EVENT_PLAY_FINISHED, -1, &event);
  CHECK(event.call == call && event.status == SIDETONE_OK);
  play.repeat = 1;
  EXPECT(OK, sidetone_call_play(near, call, speech, -1, &play, NULL));
  EXPECT(OK, sidetone_call_play_stop(near, call, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);

  EXPECT(OK, sidetone_call_dtmf(near, call, "5#", -1, 80, &request));
  await_event(far, SIDETONE_EVENT_DTMF, -1, &event);
  CHECK(event.call == far_call && event.digit == '5' && event.duration_ms >= 60);
  await_event(far, SIDETONE_EVENT_DTMF, -1, &event);
  CHECK(event.digit == '#');
  await_reply(near, request, SIDETONE_OK, __LINE__);

  EXPECT(OK, sidetone_call_mute(near, call, 1, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_mute(near, call, 0, NULL));
  EXPECT(OK, sidetone_call_unroute(far, far_call, far_call, &request));
  await_reply(far, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_capture_stop(near, call, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_record_stop(near, call, &request));
  await_event(near, SIDETONE_EVENT_RECORD_FINISHED, -1, &event);
  CHECK(event.call == call && event.status == SIDETONE_OK && strcmp(event.path.data, wav) == 0);
  CHECK(event.path.length == (int32_t)strlen(wav));
}

static void check_hold(sidetone_engine *near, uint64_t call, sidetone_engine *far,
                       uint64_t far_call, const char *music) {
  sidetone_event event;
  sidetone_call_info info;
  uint64_t request = 0;
  info.size = sizeof info;
  EXPECT(ERR_FILE_OPEN, sidetone_call_hold_music(near, call, "/no/such.wav", -1, NULL));
  EXPECT(OK, sidetone_call_hold_music(near, call, music, -1, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_hold(near, call, &request));
  await_event(far, SIDETONE_EVENT_HOLD, SIDETONE_HOLD_REMOTE, &event);
  CHECK(event.call == far_call);
  await_reply(near, request, SIDETONE_OK, __LINE__);
  await_event(near, SIDETONE_EVENT_HOLD, SIDETONE_HOLD_LOCAL, &event);
  CHECK(event.call == call);
  EXPECT(OK, sidetone_call_info_read(near, call, &info));
  CHECK(info.hold == SIDETONE_HOLD_LOCAL && info.direction == SIDETONE_DIRECTION_SENDONLY);
  EXPECT(OK, sidetone_call_hold(far, far_call, NULL));
  await_event(near, SIDETONE_EVENT_HOLD, SIDETONE_HOLD_LOCAL | SIDETONE_HOLD_REMOTE, &event);
  EXPECT(OK, sidetone_call_resume(near, call, &request));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  EXPECT(OK, sidetone_call_resume(far, far_call, NULL));
  await_event(near, SIDETONE_EVENT_HOLD, 0, &event);
  EXPECT(OK, sidetone_call_info_read(near, call, &info));
  CHECK(info.hold == 0 && info.direction == SIDETONE_DIRECTION_SENDRECV);
  EXPECT(OK, sidetone_call_progress(far, far_call, &request));
  await_reply(far, request, SIDETONE_ERR_WRONG_STATE, __LINE__);
}

/* The far end is heard before it answers, and the offer is its own. */
static void check_progress(sidetone_engine *near, sidetone_engine *far, const char *uri) {
  sidetone_dial_options dial;
  sidetone_event event;
  uint64_t call = 0;
  sidetone_dial_options_init(&dial, sizeof dial);
  dial.early_media = SIDETONE_EARLY_MEDIA_LOCAL;
  dial.prack = SIDETONE_PRACK_REQUIRED;
  dial.offer = SIDETONE_OFFER_DELAYED;
  EXPECT(OK, sidetone_call_dial(near, 0, uri, -1, &dial, &call, NULL));
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  EXPECT(OK, sidetone_call_progress(far, event.call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_EARLY_MEDIA, &event);
  CHECK(event.call == call && event.sip_code == 183);
  EXPECT(OK, sidetone_call_hangup(near, call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  dial.offer = 3;
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_call_dial(near, 0, uri, -1, &dial, &call, NULL));
}

static void check_stats(sidetone_engine *engine, uint64_t call) {
  sidetone_call_stats stats;
  sidetone_engine_stats whole;
  stats.size = sizeof stats;
  whole.size = sizeof whole;
  EXPECT(OK, sidetone_call_stats_read(engine, call, &stats));
  CHECK(stats.packets_sent > 0 && stats.packets_received > 0 && stats.bytes_sent > 0);
  CHECK(stats.srtp_failures == 0 && stats.played_ms > 0);
  CHECK((stats.valid & SIDETONE_VALID_PACKETS_LOST) && stats.packets_lost == 0);
  CHECK(stats.valid & SIDETONE_VALID_JITTER);
  CHECK((stats.valid & SIDETONE_VALID_LEVEL_SENT) || stats.level_sent_db == 0.0f);
  EXPECT(OK, sidetone_engine_stats_read(engine, &whole));
  CHECK(whole.calls == 1 && whole.ticks > 0 && whole.sip_received > 0 && whole.events_lost == 0);
}

static void check_bad_files(sidetone_engine *engine, uint64_t call, const char *folder) {
  char path[512];
  sidetone_audio audio;
  int32_t status;
  uint64_t request = 0;
  snprintf(path, sizeof path, "%s/no such folder/x.wav", folder);
  EXPECT(ERR_FILE_OPEN, sidetone_call_play(engine, call, path, -1, NULL, NULL));
  EXPECT(OK, sidetone_call_record(engine, call, path, -1, &request));
  await_reply(engine, request, SIDETONE_ERR_FILE_OPEN, __LINE__);
  EXPECT(OK, sidetone_call_capture(engine, call, path, -1, &request));
  await_reply(engine, request, SIDETONE_ERR_FILE_OPEN, __LINE__);
  EXPECT(ERR_FILE_FORMAT, sidetone_call_play(engine, call, "/proc/self/status", -1, NULL, NULL));
  sidetone_audio_init(&audio, sizeof audio);
  audio.kind = SIDETONE_AUDIO_WAV;
  audio.microphone.data = path;
  status = sidetone_audio_select(engine, &audio, &request);
  if (status == SIDETONE_OK)
    await_reply(engine, request, SIDETONE_ERR_FILE_OPEN, __LINE__);
  else
    expect_at(__LINE__, "a WAV microphone that is not there", SIDETONE_ERR_FILE_OPEN, status);
  audio.kind = SIDETONE_AUDIO_HEADLESS;
  audio.microphone.data = NULL;
  EXPECT(OK, sidetone_audio_select(engine, &audio, NULL));
}

static void check_refusal(sidetone_engine *near, sidetone_engine *far, const char *uri) {
  sidetone_event event;
  uint64_t call = 0, request = 0;
  char *short_uri = (char *)malloc(strlen(uri));
  REQUIRE(short_uri != NULL);
  memcpy(short_uri, uri, strlen(uri)); /* without its NUL */
  EXPECT(OK, sidetone_call_dial(near, 0, short_uri, (int32_t)strlen(uri), NULL, &call, &request));
  free(short_uri);
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  EXPECT(OK, sidetone_call_reject(far, event.call, 486, "Lunch", -1, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  CHECK(event.call == call && event.status == SIDETONE_ERR_REFUSED && event.sip_code == 486);
  CHECK(strcmp(event.text.data, "Lunch") == 0);
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
}

/* A registrar that is not there. */
static void check_account(sidetone_engine *engine) {
  sidetone_account_config config;
  sidetone_account_info info;
  sidetone_event event;
  char address[64];
  uint64_t account = 0, request = 0, ids[4];
  uint32_t count = 0;
  info.size = sizeof info;
  EXPECT(OK, sidetone_account_config_init(&config, sizeof config));
  config.aor.data = "sip:alice@127.0.0.1";
  config.registrar.data = "sip:127.0.0.1:9";
  config.password.data = "secret";
  EXPECT(OK, sidetone_account_add(engine, &config, &account, &request));
  await_event(engine, SIDETONE_EVENT_REGISTRATION, SIDETONE_REGISTRATION_RETRYING, &event);
  CHECK(event.account == account && event.sip_code == 0 && event.text.length > 0);
  EXPECT(OK, sidetone_account_info_read(engine, account, &info));
  CHECK(info.state == SIDETONE_REGISTRATION_RETRYING && info.expires_s == 0);
  CHECK(info.reach == SIDETONE_REACH_LOST);
  CHECK(strcmp(event.to.data, "127.0.0.1:9/UDP") == 0);
  EXPECT(OK, sidetone_network_changed(engine));
  await_event(engine, SIDETONE_EVENT_REGISTRATION, SIDETONE_REGISTRATION_REGISTERING, &event);
  CHECK(event.account == account);
  EXPECT(OK, sidetone_account_text_read(engine, account, SIDETONE_ACCOUNT_TEXT_LOCAL_ADDRESS,
                                        address, sizeof address, NULL));
  EXPECT(OK, sidetone_account_register(engine, account, &request));
  await_reply(engine, request, NOBODY_LISTENS, __LINE__);
  EXPECT(OK, sidetone_account_unregister(engine, account, NULL));
  config.registrar.data = NULL;
  config.display_name.data = "Alice";
  EXPECT(OK, sidetone_account_update(engine, account, &config, &request));
  EXPECT(OK, sidetone_account_list(engine, ids, 4, &count));
  CHECK(count == 1 && ids[0] == account);
  EXPECT(OK, sidetone_account_register(engine, account, &request));
  await_reply(engine, request, SIDETONE_ERR_WRONG_STATE, __LINE__);
  EXPECT(OK, sidetone_account_remove(engine, account, NULL));
  EXPECT(ERR_STALE_ID, sidetone_account_info_read(engine, account, &info));
  EXPECT(OK, sidetone_account_list(engine, NULL, 0, &count));
  CHECK(count == 0);
}

static void check_devices(sidetone_engine *engine) {
  uint32_t count = 0, index;
  char text[512];
  sidetone_device_info info;
  sidetone_audio_levels levels;
  int32_t status = sidetone_device_list(engine, &count);
  info.size = sizeof info;
  levels.size = sizeof levels;
  if (status == SIDETONE_OK)
    for (index = 0; index < count; ++index) {
      EXPECT(OK, sidetone_device_info_read(engine, index, &info));
      CHECK(info.flags & (SIDETONE_DEVICE_CAPTURES | SIDETONE_DEVICE_PLAYS));
      EXPECT(OK, sidetone_device_text_read(engine, index, SIDETONE_DEVICE_TEXT_ID, text,
                                           sizeof text, NULL));
      CHECK(text[0] != 0);
    }
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_device_info_read(engine, count, &info));
  EXPECT(OK, sidetone_audio_levels_read(engine, &levels));
  CHECK(levels.valid == 0);
}

int main(int argc, char **argv) {
  int ends[2];
  struct notes notes;
  char uri[128];
  uint64_t call = 0, far_call, request = 0;
  sidetone_engine *near, *far;
  sidetone_event event;
  sidetone_dial_options dial;
  sidetone_answer_options answer;
  sidetone_header header;
  sidetone_call_info info;
  REQUIRE(argc == 3); /* loopback FOLDER SPEECH */
  REQUIRE(pipe(ends) == 0);

  near = loopback_engine();
  far = loopback_engine();
  notes.engine = near;
  notes.pipe = ends[1];
  EXPECT(OK, sidetone_log_set(near, SIDETONE_LOG_TRACE, on_log, &notes));
  EXPECT(OK, sidetone_wakeup_set_function(near, on_wakeup, &notes));
  engine_uri(far, "bob", uri, sizeof uri);

  sidetone_dial_options_init(&dial, sizeof dial);
  sidetone_header_set(&header, "X-Campaign", "spring");
  dial.headers.data = &header;
  dial.headers.count = 1;
  dial.codecs[0] = SIDETONE_CODEC_PCMA;
  dial.srtp = SIDETONE_SRTP_MANDATORY;
  EXPECT(OK, sidetone_call_dial(near, 0, uri, -1, &dial, &call, &request));
  CHECK(noted(ends[0], 'l'));
  EXPECT(OK, sidetone_log_set(near, SIDETONE_LOG_OFF, NULL, NULL));
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  far_call = event.call;
  CHECK(strncmp(event.to.data, "sip:bob@", 8) == 0 && event.from.length > 0);
  CHECK(event.account == SIDETONE_ID_NONE && event.path.length == 0 && event.path.data[0] == 0);
  EXPECT(OK, sidetone_call_ring(far, far_call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_RINGING, &event);
  CHECK(event.call == call && event.sip_code == 180);
  CHECK(noted(ends[0], 'w'));
  EXPECT(OK, sidetone_wakeup_set_function(near, NULL, NULL));
  sidetone_answer_options_init(&answer, sizeof answer);
  sidetone_header_set(&header, "X-Agent", "bob");
  answer.headers.data = &header;
  answer.headers.count = 1;
  EXPECT(OK, sidetone_call_answer(far, far_call, &answer, NULL));
  await_reply(near, request, SIDETONE_OK, __LINE__);
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);

  check_call(near, call, far, far_call);
  use_call(near, call, far, far_call, argv[1], argv[2]);
  check_stats(near, call);
  check_stats(far, far_call);
  check_bad_files(near, call, argv[1]);
  check_hold(near, call, far, far_call, argv[2]);

  EXPECT(OK, sidetone_call_hangup(far, far_call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  CHECK(event.call == call && event.status == SIDETONE_OK);
  await_event(far, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  info.size = sizeof info;
  EXPECT(ERR_STALE_ID, sidetone_call_info_read(near, call, &info));
  EXPECT(ERR_STALE_ID, sidetone_call_hangup(far, far_call, NULL));

  check_refusal(near, far, uri);
  check_progress(near, far, uri);
  check_account(near);
  check_devices(near);
  EXPECT(OK, sidetone_engine_destroy(near));
  EXPECT(OK, sidetone_engine_destroy(far));
  close(ends[0]);
  close(ends[1]);
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
