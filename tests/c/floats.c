/* A host that has every floating-point exception unmasked: it meets none of the library's, on no
 * thread, and finds its own state after each call. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fenv.h>

#include "check.h"

#ifdef _WIN32
/* What glibc has: the exceptions that are unmasked, in both units or -1, and unmasking. Denormals
 * are no exception of its. */
#undef FE_ALL_EXCEPT
#define FE_ALL_EXCEPT 0x3d

static int fegetexcept(void) {
  unsigned short x87;
  unsigned sse;
  __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(x87), "=m"(sse));
  if ((x87 & FE_ALL_EXCEPT) != (sse >> 7 & FE_ALL_EXCEPT)) return -1;
  return ~x87 & FE_ALL_EXCEPT;
}

static void mask(unsigned masks) {
  unsigned short x87;
  unsigned sse;
  __asm__ volatile("fnstcw %0\n\tstmxcsr %1" : "=m"(x87), "=m"(sse));
  x87 = (unsigned short)((x87 & ~FE_ALL_EXCEPT) | masks);
  sse = (sse & ~(FE_ALL_EXCEPT << 7)) | masks << 7;
  __asm__ volatile("fldcw %0\n\tldmxcsr %1" : : "m"(x87), "m"(sse));
}

static void feenableexcept(int all) { mask(FE_ALL_EXCEPT & ~(unsigned)all); }
static void fedisableexcept(int all) { mask((unsigned)all); }
#endif

/* The masks after a call, and its status. */
#define TRAPPED(status, call)                     \
  do {                                            \
    EXPECT(status, call);                         \
    CHECK(fegetexcept() == FE_ALL_EXCEPT);        \
  } while (0)

/* What hosts do in their functions does not reach the library's threads. */
static void unmask(void *user) {
  ++*(volatile int *)user;
  CHECK(fegetexcept() == 0);
  feenableexcept(FE_ALL_EXCEPT);
}

static void on_event(const sidetone_event *event, void *user) {
  CHECK(fegetexcept() == 0);
  if (event->kind == SIDETONE_EVENT_INCOMING_CALL)
    EXPECT(OK, sidetone_call_answer((sidetone_engine *)user, event->call, NULL, NULL));
  feenableexcept(FE_ALL_EXCEPT);
}

/* The whole of a call: a codec with floats inside, taps and injections of other rates, gains. */
static void call(sidetone_engine *near, sidetone_engine *far) {
  static int16_t said[8000];
  int16_t samples[SIDETONE_TAP_SAMPLES_MAX];
  sidetone_dial_options options;
  sidetone_tap_options tap_options;
  sidetone_inject_options inject_options;
  sidetone_tap_frame frame;
  sidetone_call_stats stats;
  sidetone_event event;
  char uri[128];
  uint64_t id, tap, injection;
  int index;

  for (index = 0; index < 8000; ++index) said[index] = (int16_t)(index * 7919 % 9001 - 4500);
  engine_uri(far, "bob", uri, sizeof uri);
  TRAPPED(OK, sidetone_dial_options_init(&options, sizeof options));
  options.codecs[0] = SIDETONE_CODEC_OPUS;
  TRAPPED(OK, sidetone_call_dial(near, 0, uri, -1, &options, &id, NULL));
  TRAPPED(OK, sidetone_tap_options_init(&tap_options, sizeof tap_options));
  tap_options.direction = SIDETONE_TAP_SENT;
  tap_options.sample_rate_hz = 24000;
  TRAPPED(OK, sidetone_tap_open(near, id, &tap_options, &tap));
  TRAPPED(OK, sidetone_inject_options_init(&inject_options, sizeof inject_options));
  inject_options.sample_rate_hz = 8000;
  TRAPPED(OK, sidetone_inject_open(near, id, &inject_options, &injection));
  TRAPPED(OK, sidetone_inject_write(near, injection, said, 8000, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_CONNECTED, &event);
  TRAPPED(OK, sidetone_call_gain(near, id, -3.3f, 1.7f, NULL));
  TRAPPED(ERR_INVALID_ARGUMENT, sidetone_call_gain(near, id, 1e30f, 0, NULL));
  TRAPPED(OK, sidetone_call_route(near, id, id, -6.1f, NULL));
  frame.size = sizeof frame;
  for (index = 0; index < 60; ++index)
    TRAPPED(OK, sidetone_tap_read(near, tap, samples, SIDETONE_TAP_SAMPLES_MAX, 20000, &frame));
  stats.size = sizeof stats;
  TRAPPED(OK, sidetone_call_stats_read(near, id, &stats));
  CHECK(stats.packets_sent > 0);
  TRAPPED(OK, sidetone_call_hangup(near, id, NULL));
  await_event(near, SIDETONE_EVENT_CALL, SIDETONE_CALL_ENDED, &event);
}

int main(void) {
  sidetone_engine *near, *far;
  sidetone_engine_stats stats;
  int woken = 0;

  /* Flags are the host's, too: what it raised stays, what the library raises is not seen. */
  near = loopback_engine();
  feclearexcept(FE_ALL_EXCEPT);
  feraiseexcept(FE_DIVBYZERO);
  stats.size = sizeof stats;
  EXPECT(OK, sidetone_engine_stats_read(near, &stats));
  EXPECT(ERR_STALE_ID, sidetone_call_gain(near, ((uint64_t)2 << 56) | 9, 1.1f, 2.3f, NULL));
  CHECK(fetestexcept(FE_ALL_EXCEPT) == FE_DIVBYZERO);
  CHECK(fesetround(FE_UPWARD) == 0);
  EXPECT(OK, sidetone_engine_stats_read(near, &stats));
  CHECK(fegetround() == FE_UPWARD);
  CHECK(fesetround(FE_TONEAREST) == 0);
  EXPECT(OK, sidetone_engine_destroy(near));

  /* The engines and all their threads are made by a thread that traps. */
  feclearexcept(FE_ALL_EXCEPT);
  feenableexcept(FE_ALL_EXCEPT);
  near = loopback_engine();
  far = loopback_engine();
  TRAPPED(OK, sidetone_wakeup_set_function(near, unmask, &woken));
  TRAPPED(OK, sidetone_event_thread_start(far, on_event, far));
  call(near, far);
  CHECK(woken > 0);
  TRAPPED(OK, sidetone_engine_destroy(near));
  TRAPPED(OK, sidetone_engine_destroy(far));
  fedisableexcept(FE_ALL_EXCEPT);
  printf("%d failures\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
