/* Audio of a call as PCM: what one end injects the other taps; what is refused, and how it ends. */
#include "check.h"

enum { RATE = 8000, FRAME = 160 };

static const uint64_t never_call = ((uint64_t)2 << 56) | ((uint64_t)7 << 32) | 3;
static const uint64_t never_tap = ((uint64_t)6 << 56) | ((uint64_t)7 << 32) | 3;
static const uint64_t never_injection = ((uint64_t)7 << 56) | ((uint64_t)7 << 32) | 3;

static uint64_t open_tap(sidetone_engine *engine, uint64_t call, uint32_t direction,
                         uint32_t buffer_ms) {
  sidetone_tap_options options;
  uint64_t tap = 0;
  EXPECT(OK, sidetone_tap_options_init(&options, sizeof options));
  CHECK(options.direction == SIDETONE_TAP_RECEIVED && options.sample_rate_hz == 16000);
  CHECK(options.frame_ms == 20 && options.buffer_ms == 1000);
  options.direction = direction;
  options.sample_rate_hz = RATE;
  options.buffer_ms = buffer_ms;
  EXPECT(OK, sidetone_tap_open(engine, call, &options, &tap));
  REQUIRE(tap != 0);
  return tap;
}

static uint64_t open_injection(sidetone_engine *engine, uint64_t call) {
  sidetone_inject_options options;
  uint64_t injection = 0;
  EXPECT(OK, sidetone_inject_options_init(&options, sizeof options));
  CHECK(options.direction == SIDETONE_INJECT_FAR_END && options.sample_rate_hz == 16000);
  options.sample_rate_hz = RATE;
  EXPECT(OK, sidetone_inject_open(engine, call, &options, &injection));
  REQUIRE(injection != 0);
  return injection;
}

/* What is refused on a live engine, without a call. */
static void bad_arguments(sidetone_engine *engine) {
  sidetone_tap_options tap_options;
  sidetone_inject_options options;
  sidetone_tap_frame frame;
  sidetone_tap_info tap_info;
  sidetone_inject_info info;
  int16_t pcm[FRAME];
  uint64_t id = 7;
  uint32_t written = 7;

  frame.size = sizeof frame;
  tap_info.size = sizeof tap_info;
  info.size = sizeof info;
  EXPECT(ERR_NULL_POINTER, sidetone_tap_options_init(NULL, 24));
  EXPECT(ERR_STRUCT_SIZE, sidetone_tap_options_init(&tap_options, 8));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_options_init(NULL, 16));
  EXPECT(ERR_STRUCT_SIZE, sidetone_inject_options_init(&options, 8));
  EXPECT(ERR_STALE_ID, sidetone_tap_open(engine, never_call, NULL, &id));
  CHECK(id == SIDETONE_ID_NONE);
  EXPECT(ERR_WRONG_KIND, sidetone_tap_open(engine, never_tap, NULL, &id));
  EXPECT(ERR_NULL_POINTER, sidetone_tap_open(engine, never_call, NULL, NULL));
  EXPECT(ERR_STALE_ID, sidetone_inject_open(engine, never_call, NULL, &id));
  EXPECT(ERR_WRONG_KIND, sidetone_inject_open(engine, 0, NULL, &id));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_open(engine, never_call, NULL, NULL));

  EXPECT(ERR_STALE_ID, sidetone_tap_read(engine, never_tap, pcm, FRAME, 0, &frame));
  EXPECT(ERR_WRONG_KIND, sidetone_tap_read(engine, never_injection, pcm, FRAME, 0, &frame));
  EXPECT(ERR_NULL_POINTER, sidetone_tap_read(engine, never_tap, pcm, FRAME, 0, NULL));
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_tap_read(engine, never_tap, pcm, FRAME, -2, &frame));
  frame.size = 7;
  EXPECT(ERR_STRUCT_SIZE, sidetone_tap_read(engine, never_tap, pcm, FRAME, 0, &frame));
  EXPECT(ERR_STALE_ID, sidetone_tap_info_read(engine, never_tap, &tap_info));
  EXPECT(ERR_NULL_POINTER, sidetone_tap_info_read(engine, never_tap, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_tap_info_read(engine, never_call, &tap_info));
  EXPECT(ERR_STALE_ID, sidetone_tap_close(engine, never_tap));
  EXPECT(ERR_WRONG_KIND, sidetone_tap_close(engine, never_call));

  EXPECT(ERR_STALE_ID, sidetone_inject_write(engine, never_injection, pcm, 0, &written));
  CHECK(written == 0);
  EXPECT(ERR_NULL_POINTER, sidetone_inject_write(engine, never_injection, NULL, 1, NULL));
  EXPECT(ERR_WRONG_KIND, sidetone_inject_write(engine, never_tap, pcm, 0, NULL));
  EXPECT(ERR_STALE_ID, sidetone_inject_flush(engine, never_injection, &id));
  EXPECT(ERR_WRONG_KIND, sidetone_inject_flush(engine, never_tap, NULL));
  EXPECT(ERR_STALE_ID, sidetone_inject_info_read(engine, never_injection, &info));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_info_read(engine, never_injection, NULL));
  EXPECT(ERR_STALE_ID, sidetone_inject_close(engine, never_injection));
  EXPECT(ERR_WRONG_KIND, sidetone_inject_close(engine, never_tap));

  EXPECT(ERR_NULL_POINTER, sidetone_tap_open(NULL, never_call, NULL, &id));
  EXPECT(ERR_NULL_POINTER, sidetone_tap_read(NULL, never_tap, pcm, FRAME, 0, &frame));
  EXPECT(ERR_NULL_POINTER, sidetone_tap_info_read(NULL, never_tap, &tap_info));
  EXPECT(ERR_NULL_POINTER, sidetone_tap_close(NULL, never_tap));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_open(NULL, never_call, NULL, &id));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_write(NULL, never_injection, pcm, 1, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_flush(NULL, never_injection, NULL));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_info_read(NULL, never_injection, &info));
  EXPECT(ERR_NULL_POINTER, sidetone_inject_close(NULL, never_injection));
}

/* Options that are out of their range, and more than a call may have. */
static void bad_options(sidetone_engine *engine, uint64_t call) {
  sidetone_tap_options options;
  sidetone_inject_options inject;
  uint64_t ids[9];
  int number;
#define BAD_TAP(status, field, value)                                        \
  sidetone_tap_options_init(&options, sizeof options);                       \
  options.field = (value);                                                   \
  EXPECT(status, sidetone_tap_open(engine, call, &options, &ids[0]));        \
  CHECK(ids[0] == SIDETONE_ID_NONE)
  BAD_TAP(ERR_INVALID_ARGUMENT, direction, 0);
  BAD_TAP(ERR_INVALID_ARGUMENT, direction, 3);
  BAD_TAP(ERR_INVALID_ARGUMENT, sample_rate_hz, 11025);
  BAD_TAP(ERR_INVALID_ARGUMENT, frame_ms, 15);
  BAD_TAP(ERR_INVALID_ARGUMENT, buffer_ms, 99);
  BAD_TAP(ERR_INVALID_ARGUMENT, buffer_ms, 10001);
  BAD_TAP(ERR_INVALID_ARGUMENT, reserved, 1);
  BAD_TAP(ERR_STRUCT_SIZE, size, 20);
#define BAD_INJECT(field, value)                                                        \
  sidetone_inject_options_init(&inject, sizeof inject);                                 \
  inject.field = (value);                                                               \
  EXPECT(ERR_INVALID_ARGUMENT, sidetone_inject_open(engine, call, &inject, &ids[0]))
  BAD_INJECT(direction, 0);
  BAD_INJECT(direction, 3);
  BAD_INJECT(sample_rate_hz, 44100);
  BAD_INJECT(buffer_ms, 99);
  BAD_INJECT(buffer_ms, 60001);

  for (number = 0; number < 8; ++number)
    EXPECT(OK, sidetone_tap_open(engine, call, NULL, &ids[number]));
  EXPECT(ERR_LIMIT, sidetone_tap_open(engine, call, NULL, &ids[8]));
  CHECK(ids[8] == SIDETONE_ID_NONE);
  for (number = 0; number < 8; ++number) EXPECT(OK, sidetone_tap_close(engine, ids[number]));
  for (number = 0; number < 8; ++number)
    EXPECT(OK, sidetone_inject_open(engine, call, NULL, &ids[number]));
  EXPECT(ERR_LIMIT, sidetone_inject_open(engine, call, NULL, &ids[8]));
  for (number = 0; number < 8; ++number) EXPECT(OK, sidetone_inject_close(engine, ids[number]));
}

/* Reads until as many samples as given were not 0; the loudest. */
static int hear(sidetone_engine *engine, uint64_t tap, int wanted) {
  int16_t pcm[FRAME];
  sidetone_tap_frame frame;
  uint64_t due = 0;
  int heard = 0, frames = 0, loudest = 0, index;
  frame.size = sizeof frame;
  while (heard < wanted && frames < 1000) {
    int32_t status = sidetone_tap_read(engine, tap, pcm, FRAME, 20000, &frame);
    expect_at(__LINE__, "tap_read", SIDETONE_OK, status);
    if (status != SIDETONE_OK) break;
    CHECK(frame.samples == FRAME && frame.dropped == 0);
    CHECK(frames == 0 || frame.timestamp == due);
    due = frame.timestamp + FRAME;
    for (index = 0; index < FRAME; ++index) {
      heard += pcm[index] != 0;
      if (pcm[index] > loudest) loudest = pcm[index];
    }
    ++frames;
  }
  CHECK(heard >= wanted);
  return loudest;
}

static void talk(sidetone_engine *near, uint64_t call, sidetone_engine *far, uint64_t far_call) {
  static int16_t said[5 * RATE];
  uint64_t sent = open_tap(near, call, SIDETONE_TAP_SENT, 10000);
  uint64_t heard = open_tap(far, far_call, SIDETONE_TAP_RECEIVED, 10000);
  uint64_t injection = open_injection(near, call);
  uint64_t flushed = 0;
  uint32_t written = 0;
  int16_t pcm[FRAME];
  sidetone_tap_frame frame;
  sidetone_tap_info tap_info;
  sidetone_inject_info info;
  size_t index;

  for (index = 0; index < sizeof said / sizeof said[0]; ++index) said[index] = 4191;
  EXPECT(OK, sidetone_inject_write(near, injection, said, RATE, &written));
  CHECK(written == RATE);
  CHECK(hear(near, sent, RATE) == 4191);
  CHECK(hear(far, heard, RATE / 2) > 3000);

  /* Barge-in: most of what is said is never heard. */
  EXPECT(OK, sidetone_inject_write(near, injection, said, 5 * RATE, &written));
  CHECK(written == 5 * RATE);
  hear(near, sent, 1);
  EXPECT(OK, sidetone_inject_flush(near, injection, &flushed));
  CHECK(flushed > 0 && flushed < 5 * RATE);
  info.size = sizeof info;
  EXPECT(OK, sidetone_inject_info_read(near, injection, &info));
  CHECK(info.queued == 0 && info.played == 6 * (uint64_t)RATE - flushed && info.ended == 0);
  CHECK(info.dropped == 0);
  EXPECT(OK, sidetone_inject_write(near, injection, said, FRAME, &written));
  do EXPECT(OK, sidetone_inject_info_read(near, injection, &info));
  while (info.queued != 0 || info.underruns == 0); /* it had no more to say */

  frame.size = sizeof frame;
  EXPECT(ERR_TOO_SMALL, sidetone_tap_read(near, sent, pcm, FRAME - 1, 20000, &frame));
  CHECK(frame.samples == FRAME);
  EXPECT(ERR_NULL_POINTER, sidetone_tap_read(near, sent, NULL, FRAME, 20000, &frame));
  EXPECT(ERR_INVALID_ARGUMENT,
         sidetone_inject_write(near, injection, (const int16_t *)((const char *)said + 1), 1, NULL));
  while (sidetone_tap_read(near, sent, pcm, FRAME, 0, &frame) == SIDETONE_OK) continue;
  EXPECT(ERR_TIMEOUT, sidetone_tap_read(near, sent, pcm, FRAME, 0, &frame));
  tap_info.size = sizeof tap_info;
  EXPECT(OK, sidetone_tap_info_read(far, heard, &tap_info));
  CHECK(tap_info.frame_samples == FRAME && tap_info.dropped == 0 && tap_info.ended == 0);
  EXPECT(OK, sidetone_tap_close(near, sent));
  EXPECT(ERR_STALE_ID, sidetone_tap_close(near, sent));
  EXPECT(OK, sidetone_inject_close(near, injection));
  EXPECT(ERR_STALE_ID, sidetone_inject_write(near, injection, said, 1, NULL));
  EXPECT(OK, sidetone_tap_close(far, heard));
}

/* A tap that is not read has a gap; at the end of the call it drains. */
static void stall_and_end(sidetone_engine *near, uint64_t call) {
  uint64_t tap = open_tap(near, call, SIDETONE_TAP_RECEIVED, 100);
  uint64_t injection = open_injection(near, call);
  sidetone_tap_info info;
  sidetone_tap_frame frame;
  sidetone_event event;
  int16_t pcm[FRAME];
  uint64_t due = 0;
  int32_t status;
  info.size = sizeof info;
  frame.size = sizeof frame;
  do EXPECT(OK, sidetone_tap_info_read(near, tap, &info));
  while (info.dropped < 25); /* half a second */
  CHECK(info.waiting == 5);
  EXPECT(OK, sidetone_tap_read(near, tap, pcm, FRAME, 0, &frame));
  CHECK(frame.timestamp == 0 && frame.dropped == 0);
  EXPECT(OK, sidetone_call_hangup(near, call, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
  while ((status = sidetone_tap_read(near, tap, pcm, FRAME, -1, &frame)) == SIDETONE_OK) {
    due += FRAME * (1 + frame.dropped);
    CHECK(frame.timestamp == due);
  }
  expect_at(__LINE__, "read at the end", SIDETONE_ERR_ENDED, status);
  EXPECT(OK, sidetone_tap_info_read(near, tap, &info));
  CHECK(info.ended == 1 && info.waiting == 0);
  EXPECT(ERR_ENDED, sidetone_inject_write(near, injection, pcm, FRAME, NULL));
  EXPECT(ERR_ENDED, sidetone_inject_flush(near, injection, NULL));
  EXPECT(OK, sidetone_inject_close(near, injection));
  EXPECT(OK, sidetone_tap_close(near, tap));
  EXPECT(ERR_STALE_ID, sidetone_tap_read(near, tap, pcm, FRAME, -1, &frame));
}

int main(void) {
  sidetone_engine *near = loopback_engine(), *far = loopback_engine();
  sidetone_dial_options options;
  sidetone_event event;
  char uri[128];
  uint64_t call = 0, far_call;

  sidetone_dial_options_init(&options, sizeof options);
  options.codecs[0] = SIDETONE_CODEC_PCMU;
  bad_arguments(near);
  engine_uri(far, "bob", uri, sizeof uri);
  EXPECT(OK, sidetone_call_dial(near, 0, uri, -1, &options, &call, NULL));
  await_event(far, SIDETONE_EVENT_INCOMING_CALL, -1, &event);
  far_call = event.call;
  EXPECT(OK, sidetone_call_answer(far, far_call, NULL, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);
  bad_options(near, call);
  talk(near, call, far, far_call);
  stall_and_end(near, call);
  EXPECT(OK, sidetone_engine_destroy(near));
  EXPECT(OK, sidetone_engine_destroy(far));
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
