/* Dials, talks to the far end as a voice agent does, and writes what it hears to a file. The agent is
 * a tone here; as soon as the far end makes itself heard it falls silent.
 *
 *   taps URI FILE
 *
 * FILE gets 16-bit samples, mono, 16000 Hz (play it with: aplay -t raw -f S16_LE -r 16000 FILE).
 */
#include <stdio.h>
#include <stdlib.h>

#include "sidetone.h"

enum { RATE = 16000 };

static int fail(const char *what, int32_t status) {
  char text[256];
  sidetone_last_error(text, sizeof text, NULL);
  fprintf(stderr, "%s: %s (%s)\n", what, text, sidetone_strerror(status));
  return EXIT_FAILURE;
}

/* Four seconds of speech: 500 Hz, a square wave of little force. */
static int32_t say(sidetone_engine *engine, uint64_t injection) {
  static int16_t speech[4 * RATE];
  int index;
  for (index = 0; index < 4 * RATE; ++index) speech[index] = index / 16 % 2 ? 3000 : -3000;
  /* All at once: the engine plays it in time. */
  return sidetone_inject_write(engine, injection, speech, 4 * RATE, NULL);
}

static int is_loud(const int16_t *samples, uint32_t count) {
  uint32_t index, loud = 0;
  for (index = 0; index < count; ++index) loud += samples[index] > 1000 || samples[index] < -1000;
  return loud > count / 2;
}

/* Hears the call until a second after the far end interrupted, for twenty seconds at most. */
static int32_t converse(sidetone_engine *engine, uint64_t tap, uint64_t injection, FILE *file) {
  int16_t samples[SIDETONE_TAP_SAMPLES_MAX];
  sidetone_tap_frame frame;
  uint64_t missed = 0, unsaid = 0, until = 20 * RATE;
  uint32_t loud = 0; /* frames */
  int32_t status = SIDETONE_OK;
  frame.size = sizeof frame;
  frame.timestamp = 0;
  while (frame.timestamp < until) {
    status = sidetone_tap_read(engine, tap, samples, SIDETONE_TAP_SAMPLES_MAX, 1000, &frame);
    if (status == SIDETONE_ERR_TIMEOUT) continue; /* no media yet */
    if (status != SIDETONE_OK) break;
    missed += frame.dropped;
    fwrite(samples, sizeof samples[0], frame.samples, file);
    /* A click is no interruption: 200 ms are. */
    if (is_loud(samples, frame.samples) && ++loud == 10) {
      status = sidetone_inject_flush(engine, injection, &unsaid);
      if (status < 0) break;
      until = frame.timestamp + RATE;
      printf("the far end interrupted, %llu samples were not said\n", (unsigned long long)unsaid);
    }
  }
  printf("heard %llu ms, %llu frames missed\n", (unsigned long long)(frame.timestamp * 1000 / RATE),
         (unsigned long long)missed);
  return status == SIDETONE_ERR_ENDED ? SIDETONE_OK : status;
}

int main(int argc, char **argv) {
  sidetone_engine *engine = NULL;
  sidetone_tap_options options;
  uint64_t call, tap, injection;
  FILE *file;
  int32_t status;

  if (argc != 3) {
    fprintf(stderr, "usage: taps URI FILE\n");
    return EXIT_FAILURE;
  }
  file = fopen(argv[2], "wb");
  if (!file) {
    perror(argv[2]);
    return EXIT_FAILURE;
  }
  status = sidetone_engine_create(NULL, &engine);
  if (status < 0) return fail("create", status);
  status = sidetone_call_dial(engine, 0, argv[1], -1, NULL, &call, NULL);
  if (status < 0) return fail("dial", status);
  /* Both may be opened before the call is answered: what is said waits, what is heard is silence. */
  sidetone_tap_options_init(&options, sizeof options);
  options.buffer_ms = 5000; /* for so long this program may be kept from reading */
  status = sidetone_tap_open(engine, call, &options, &tap);
  if (status < 0) return fail("tap", status);
  status = sidetone_inject_open(engine, call, NULL, &injection);
  if (status < 0) return fail("inject", status);
  status = say(engine, injection);
  if (status < 0) return fail("say", status);
  status = converse(engine, tap, injection, file);
  fclose(file);
  if (status < 0) fail("read", status);
  sidetone_inject_close(engine, injection);
  sidetone_tap_close(engine, tap);
  sidetone_call_hangup(engine, call, NULL);
  sidetone_engine_shutdown(engine, 2000);
  sidetone_engine_destroy(engine);
  return status < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
