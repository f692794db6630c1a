/*
 * sidetone.h - a voice engine that any desktop program can link
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Written by cbindgen from src/ffi; change it there and in cbindgen.toml.
 *
 *
 * In short
 * ========
 * Create an engine, dial, pull events until the call has ended, destroy the engine:
 *
 *   sidetone_engine *engine;
 *   sidetone_event event;
 *   uint64_t call;
 *   if (sidetone_engine_create(NULL, &engine) == SIDETONE_OK) {
 *     event.size = sizeof event;
 *     if (sidetone_call_dial(engine, 0, "sip:bob@192.0.2.7", -1, NULL, &call, NULL) == SIDETONE_OK)
 *       while (sidetone_event_next(engine, -1, &event) == SIDETONE_OK)
 *         if (event.kind == SIDETONE_EVENT_CALL && event.state == SIDETONE_CALL_ENDED)
 *           break;
 *     sidetone_engine_destroy(engine);
 *   }
 *
 * Names: sidetone_<noun>_<verb>. Whole programs stand in examples-c/. In the short examples below,
 * `engine` is an engine, `account` an account, `call` and `other_call` are calls, `event` is an
 * event with its size set, `fd` and `handle` are the host's, and on_event, on_wakeup and on_log are
 * functions of the host.
 *
 *
 * Status
 * ======
 * Functions return int32_t: SIDETONE_OK (0), or a negative SIDETONE_ERR_*. The numbers stand in
 * blocks by subject and are never used again for something else; treat unknown ones as failure.
 * sidetone_strerror() gives a fixed text for a number, sidetone_last_error() what went wrong in the
 * latest call of this thread that failed. A function that fails has done nothing; ids that it would
 * have stored are 0.
 * A fault inside the library (a panic) is caught and returned as SIDETONE_ERR_PANIC; it never
 * unwinds into the host. Should it have hit a part that the engine cannot go on without, there is an
 * event SIDETONE_EVENT_FAULTED, and every command returns SIDETONE_ERR_FAULTED.
 *
 *
 * Threads
 * =======
 * Every function may be called from any thread, at any time, without registering the thread; no
 * function waits for the network. sidetone_event_next(), sidetone_device_list(),
 * sidetone_engine_shutdown(), sidetone_engine_destroy() and sidetone_tap_read() wait as said there;
 * sidetone_event_thread_stop() and sidetone_log_set() wait for the host's own function to be back;
 * what plays a WAV file reads it first. No other function waits. Any thread may call anything but:
 *  - One thread at a time pulls events of an engine.
 *  - A wake-up or log function may only notify. Whatever it calls with its engine returns
 *    SIDETONE_ERR_WRONG_THREAD. The event callback may call everything but
 *    sidetone_engine_destroy() and sidetone_event_thread_stop(), which return the same.
 * No lock of the library is held while an event callback runs.
 *
 *
 * Events
 * ======
 * What happens is told by events, in one queue per engine; the events of a call come in the order in
 * which they happened. There are three ways to get them:
 *  1. Pull: sidetone_event_next(), waiting as long as you like. sidetone_wake() ends a wait.
 *  2. Wake-up and pull, for programs with a loop of their own (GUIs): sidetone_wakeup_set_*() has a
 *     function called, a descriptor written, or on Windows an event set or a message posted when the
 *     queue turns from empty to filled; the program then pulls with a timeout of 0 until nothing is
 *     left, on its own thread.
 *  3. A callback: sidetone_event_thread_start().
 * The queue holds 16 events for each call that the engine may have: so many states, so many replies
 * and ends of files, and so many of what far ends may send without end (digits, changes of media,
 * transfers; 64 of one call). None pushes out another. When the host does not pull, the newest are
 * dropped, and SIDETONE_EVENT_EVENTS_LOST says how many; nothing else is lost by it, and the state
 * can be read anew.
 *
 *
 * Requests
 * ========
 * A command returns as soon as it is queued; that SIDETONE_OK means that it was understood. To learn
 * how it went, give it a `request`: it gets a number (never 0), and later there is one
 * SIDETONE_EVENT_REPLY with that number and a status. The reply may come before the command's
 * function is back; the number is stored before. `request` may be NULL; then there is no reply.
 *
 *
 * Accounts and incoming calls
 * ===========================
 * sidetone_account_add() checks what can be checked here, and has the account registered. Whatever
 * only the registrar or the way to it can tell (a wrong password, a name that is not known, a server
 * that is not there) comes by SIDETONE_EVENT_REGISTRATION, each time that the state changes.
 * An incoming call is told by SIDETONE_EVENT_INCOMING_CALL, with its account, or none when it came
 * straight to this machine (accept_unknown). Nothing rings by itself: the caller hears ringing (180)
 * when the host calls sidetone_call_ring(), and the host plays its own ring tone. Then
 * sidetone_call_answer() or sidetone_call_reject(); a caller that gives up shows as
 * SIDETONE_CALL_ENDED. What sidetone_account_services asks for (do not disturb, forwarding,
 * automatic answer) is done without the host.
 *
 *
 * Ids
 * ===
 * Accounts, calls, conferences, taps and the like are uint64_t numbers, 0 for none. They are not used
 * again for another object; an id whose object is gone gets SIDETONE_ERR_STALE_ID, an id of another kind (or 0)
 * SIDETONE_ERR_WRONG_KIND. An id belongs to the engine that gave it. A call's id is stale once its
 * SIDETONE_CALL_ENDED was pulled; only the end of its recording may be told after that. Its taps and
 * injections live until they are closed.
 *
 *
 * Text
 * ====
 * All text is UTF-8. Text in: a pointer and its length in bytes, -1 when it ends with a NUL; at most
 * SIDETONE_TEXT_MAX bytes, no NUL inside. It is copied before the function is back. File names are
 * UTF-8 on every system.
 * Text out: into the caller's `buffer` of `capacity` bytes, always with a NUL when `capacity` is not
 * 0. `needed`, if not NULL, gets the size with the NUL. A buffer that is too small gets the whole
 * characters that fit, and SIDETONE_ERR_TOO_SMALL. NULL and 0 for buffer and capacity ask for the
 * size: SIDETONE_OK.
 *
 *
 * Structs
 * =======
 * Structs begin with `size`, so that programs and libraries of different age work together: fields
 * are only ever appended. What the host fills is prepared by its _init function, which gets sizeof
 * of the struct, sets `size`, and gives every field its default. What the library fills needs only
 * `size` set. A size that ends within a field is none that there was, and is refused. sidetone_text,
 * sidetone_header and sidetone_headers have no size and never change.
 * All fields have a fixed width and stand at the same offset on every target, 32 or 64 bits: nothing
 * is left to alignment rules. A pointer takes 8 bytes; on 32-bit targets a field of padding follows,
 * which nobody looks at.
 * Fields named `reserved` are 0, as the _init functions set them, so that they can get a meaning
 * later: a struct, a text or a list of headers in which one is not is refused with
 * SIDETONE_ERR_INVALID_ARGUMENT, and the error text names the field.
 *
 *
 * Pointers
 * ========
 * Pointers that are not NULL have to be good: the library checks for NULL, and cannot check more.
 * An engine pointer comes from sidetone_engine_create() and has not been destroyed; arrays have as
 * many entries as said beside them; text has its length, or its NUL; structs have `size` bytes.
 * NULL is allowed where it is said, and gets SIDETONE_ERR_NULL_POINTER otherwise.
 * No pointer into the library is ever handed out but the engine, texts that are borrowed for a time
 * that is said there, and constant texts. There is nothing that the host has to free.
 * Functions use the platform's C calling convention (cdecl on 32-bit Windows).
 *
 *
 * Lifetime
 * ========
 * sidetone_engine_destroy() shuts down first: it hangs up, unregisters, waits a little for the far
 * ends, and joins the threads. To choose how long it waits, or to read the last events, call
 * sidetone_engine_shutdown() before. There is no global state: a process may have several engines,
 * on several versions of the library.
 * The library must not be unloaded while an engine lives or a function of it runs. After that it may:
 * no thread, handle, socket or exit handler of it is left. With glibc dlclose() keeps it in memory
 * while a thread lives that has called it, as it does with everything that has thread-local values to
 * clean up; dlopen() finds it again there. On Windows FreeLibrary() removes it at once, but for what
 * the runtime libraries of Rust and mingw do not give back: each time that the library is loaded and
 * used it takes about 15 of the 1088 TLS indexes that a process has, and without one it aborts; with
 * 32 bits, a handle as well. So load it once, or now and then, not for every call.
 *
 *
 * What the library does to its process
 * ====================================
 *  - Threads: an engine has one for signalling, one or more for media, and those of a sound card,
 *    of files that are written, of a log, and of a host name that is looked up, while there is one.
 *    Their names begin with "sidetone-".
 *  - Where the process may, media threads and the callbacks of sound cards are scheduled in real time
 *    (Linux: SCHED_FIFO 5 and 10; Windows: thread priorities, and for the callbacks the task
 *    "Pro Audio" of the Multimedia Class Scheduler Service). Without the right they are not, as
 *    sidetone_engine_health_read() tells.
 *  - It opens UDP and TCP sockets, and sound cards only while a call needs them.
 *  - It installs no signal handler, changes no locale, environment, working folder, or allocator,
 *    prints nothing (but the text of a panic, to stderr), and reads no configuration. Sending on a
 *    closed socket raises no SIGPIPE.
 *  - Floating-point exceptions that the host has unmasked (Delphi does) are masked while a function of
 *    the library runs; the host's state is as it was when the function is back. Functions of the host
 *    that the library calls run with everything masked.
 *  - Windows: the timer resolution is 1 ms (timeBeginPeriod) while a call is up or a sound card is
 *    open, and only then.
 *
 *
 * Compatibility
 * =============
 * Before 1.0, a minor version of the package (0.1 to 0.2) may break this interface, and then raises
 * the major part of SIDETONE_API_VERSION; CHANGELOG.md has a line under "ABI" for every change. From 1.0 on: functions, constants and fields stay as they are within a major
 * version; functions, constants, fields at the end of structs, event kinds and status numbers are
 * added. SIDETONE_API_VERSION is the header's version, sidetone_api_version() the library's.
 */


#ifndef SIDETONE_H
#define SIDETONE_H

#include <stdint.h>

/* Windows: define SIDETONE_STATIC before including this when linking the static library. */
#ifndef SIDETONE_API
#if defined(_WIN32) && !defined(SIDETONE_STATIC)
#define SIDETONE_API __declspec(dllimport)
#else
#define SIDETONE_API
#endif
#endif

/* A pointer that takes 8 bytes of a struct on every target. */
#if UINTPTR_MAX == 0xFFFFFFFFu
#define SIDETONE_POINTER(type, name) type *name; uint32_t name##_padding
#else
#define SIDETONE_POINTER(type, name) type *name
#endif

/// Text in a struct: UTF-8, borrowed.
///
/// In structs that the host fills: `data` NULL is empty text. The _init functions set NULL and -1,
/// so that assigning `data` is enough for a C string. The bytes need to live until the function that
/// takes the struct is back.
///
/// In structs that the library fills: `data` is never NULL and ends with a NUL that `length` does
/// not count; how long it lives is said at the struct.
typedef struct sidetone_text {
  /// First byte.
  SIDETONE_POINTER(const char, data);
  /// Length in bytes, or -1: ends with a NUL.
  int32_t length;
  /// 0.
  uint32_t reserved;
} sidetone_text;

/// One SIP header that the host adds to a request or response. Those that the library writes itself
/// (Via, From, To, Call-ID, CSeq, Contact, Route, Max-Forwards, Content-Length, Content-Type,
/// Authorization and the like) are refused.
typedef struct sidetone_header {
  /// Name, for instance "X-Campaign".
  sidetone_text name;
  /// Value, without line breaks.
  sidetone_text value;
} sidetone_header;

/// Makes a header of two C strings, which it borrows. A shorthand; it calls nothing.
static inline void sidetone_header_set(sidetone_header *header, const char *name,
                                       const char *value) {
  header->name.data = name;
  header->name.length = -1;
  header->name.reserved = 0;
  header->value.data = value;
  header->value.length = -1;
  header->value.reserved = 0;
}

/// A list of headers in a struct, borrowed as text is.
typedef struct sidetone_headers {
  /// The first; NULL for none.
  SIDETONE_POINTER(const sidetone_header, data);
  /// How many, 0 to SIDETONE_HEADERS_MAX.
  uint32_t count;
  /// 0.
  uint32_t reserved;
} sidetone_headers;

/// One part of a multipart body.
typedef struct sidetone_body_part {
  /// Media type, for instance "text/plain".
  sidetone_text content_type;
  /// Content: any octets, `length` of them.
  sidetone_text body;
} sidetone_body_part;

/// Makes a part of a C string and octets, which it borrows; `length` -1: they end with a NUL. A
/// shorthand; it calls nothing.
static inline void sidetone_body_part_set(sidetone_body_part *part, const char *content_type,
                                          const void *body, int32_t length) {
  part->content_type.data = content_type;
  part->content_type.length = -1;
  part->content_type.reserved = 0;
  part->body.data = (const char *)body;
  part->body.length = length;
  part->body.reserved = 0;
}


/// Version of this interface: major * 65536 + minor. A minor one adds; only a major one changes or
/// removes.
#define SIDETONE_API_VERSION 2

/// Done.
#define SIDETONE_OK 0

/// An argument is outside its range; the error text names it. (-1 to -99: how the call was made.)
#define SIDETONE_ERR_INVALID_ARGUMENT -1

/// The id named an object that is gone.
#define SIDETONE_ERR_STALE_ID -2

/// The id is of another kind, or 0.
#define SIDETONE_ERR_WRONG_KIND -3

/// The engine's command queue is full; try again shortly.
#define SIDETONE_ERR_BUSY -4

/// A limit of the engine's configuration is reached.
#define SIDETONE_ERR_LIMIT -5

/// Not possible in the object's present state.
#define SIDETONE_ERR_WRONG_STATE -6

/// Not allowed on this thread.
#define SIDETONE_ERR_WRONG_THREAD -7

/// A fault of this library was caught. Other calls go on.
#define SIDETONE_ERR_PANIC -8

/// An earlier fault left the engine unusable; destroy it.
#define SIDETONE_ERR_FAULTED -9

/// The engine is shutting down or has stopped.
#define SIDETONE_ERR_SHUTDOWN -10

/// The time given ran out.
#define SIDETONE_ERR_TIMEOUT -11

/// The caller's buffer is too small; the needed size was stored.
#define SIDETONE_ERR_TOO_SMALL -12

/// Not in this build or on this platform.
#define SIDETONE_ERR_UNSUPPORTED -13

/// A fault inside; the error text tells where.
#define SIDETONE_ERR_INTERNAL -14

/// A pointer is NULL that must not be; the error text names it.
#define SIDETONE_ERR_NULL_POINTER -15

/// Text is not UTF-8; the error text says where.
#define SIDETONE_ERR_NOT_UTF8 -16

/// A struct's `size` is none that this library knows.
#define SIDETONE_ERR_STRUCT_SIZE -17

/// Not a SIP URI that can be dialled. (-100 to -199: signalling.)
#define SIDETONE_ERR_INVALID_URI -100

/// The transport could not be opened, or broke.
#define SIDETONE_ERR_TRANSPORT -101

/// The host name has no address.
#define SIDETONE_ERR_RESOLVE -102

/// The credentials were refused.
#define SIDETONE_ERR_AUTHENTICATION -103

/// The far end refused with a final response; the event has its code.
#define SIDETONE_ERR_REFUSED -104

/// No answer came in time.
#define SIDETONE_ERR_NO_ANSWER -105

/// The far end's certificate is not good, or it did not take ours; the text says why.
#define SIDETONE_ERR_CERTIFICATE -106

/// No codec in common. (-200 to -299: media.)
#define SIDETONE_ERR_NO_CODEC -200

/// The account demands SRTP and the far end has none that fits.
#define SIDETONE_ERR_SRTP_REQUIRED -201

/// No free RTP port in the range.
#define SIDETONE_ERR_NO_PORT -202

/// The call of a tap or an injection is over: nothing is left to read, nothing more is played.
#define SIDETONE_ERR_ENDED -203

/// No sound card of that name, or none at all. (-300 to -399: audio devices.)
#define SIDETONE_ERR_NO_DEVICE -300

/// The sound card is there but cannot be opened as asked.
#define SIDETONE_ERR_DEVICE_OPEN -301

/// The file cannot be opened or created. (-400 to -499: files.)
#define SIDETONE_ERR_FILE_OPEN -400

/// The file is not one that can be played (PCM or float WAV).
#define SIDETONE_ERR_FILE_FORMAT -401

/// Writing failed; the disk may be full.
#define SIDETONE_ERR_FILE_WRITE -402

/// No id: what a call without account has, and what no function takes for an object.
#define SIDETONE_ID_NONE 0

/// Transport: what the URI asks for, else what the domain's DNS records choose, else UDP; the default.
#define SIDETONE_TRANSPORT_AUTO 16

/// Transport: UDP.
#define SIDETONE_TRANSPORT_UDP 1

/// Transport: TCP.
#define SIDETONE_TRANSPORT_TCP 2

/// Transport: TLS.
#define SIDETONE_TRANSPORT_TLS 3

/// Transport: WebSocket (RFC 7118).
#define SIDETONE_TRANSPORT_WS 4

/// Transport: WebSocket over TLS.
#define SIDETONE_TRANSPORT_WSS 5

/// Keep-alive over UDP: STUN where the registrar supports `outbound` (RFC 5626), else CRLF; the
/// default.
#define SIDETONE_KEEP_ALIVE_AUTO 1

/// Keep-alive over UDP: CRLF, which nobody answers.
#define SIDETONE_KEEP_ALIVE_CRLF 2

/// Keep-alive over UDP: STUN, so that a dead flow is noticed.
#define SIDETONE_KEEP_ALIVE_STUN 3

/// State of a call: being set up, nothing was sent yet.
#define SIDETONE_CALL_NEW 0

/// State of a call: INVITE sent.
#define SIDETONE_CALL_DIALING 1

/// State of a call: an INVITE came; ring, answer or reject it.
#define SIDETONE_CALL_INCOMING 2

/// State of a call: 180 received or sent.
#define SIDETONE_CALL_RINGING 3

/// State of a call: 183 with media received, the far end is heard before it answers.
#define SIDETONE_CALL_EARLY_MEDIA 4

/// State of a call: answered.
#define SIDETONE_CALL_CONNECTED 5

/// State of a call: BYE or CANCEL is under way.
#define SIDETONE_CALL_ENDING 6

/// State of a call: over. Its id is stale once this event was pulled.
#define SIDETONE_CALL_ENDED 7

/// Codec: G.711 mu-law, 8 kHz.
#define SIDETONE_CODEC_PCMU 1

/// Codec: G.711 A-law, 8 kHz.
#define SIDETONE_CODEC_PCMA 2

/// Codec: Opus, 48 kHz.
#define SIDETONE_CODEC_OPUS 3

/// Codec: G.722, 16 kHz.
#define SIDETONE_CODEC_G722 4

/// SRTP: plain RTP only.
#define SIDETONE_SRTP_OFF 1

/// SRTP: offered, and used when the far end has it; the default.
#define SIDETONE_SRTP_OPTIONAL 2

/// SRTP: a call without it fails.
#define SIDETONE_SRTP_MANDATORY 3

/// Suite: AES_CM_128_HMAC_SHA1_80 (RFC 4568).
#define SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_80 1

/// Suite: AES_CM_128_HMAC_SHA1_32 (RFC 4568).
#define SIDETONE_SUITE_AES_CM_128_HMAC_SHA1_32 2

/// Suite: AES_256_CM_HMAC_SHA1_80 (RFC 6188).
#define SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_80 3

/// Suite: AES_256_CM_HMAC_SHA1_32 (RFC 6188).
#define SIDETONE_SUITE_AES_256_CM_HMAC_SHA1_32 4

/// Suite: AEAD_AES_128_GCM (RFC 7714).
#define SIDETONE_SUITE_AEAD_AES_128_GCM 5

/// Suite: AEAD_AES_256_GCM (RFC 7714).
#define SIDETONE_SUITE_AEAD_AES_256_GCM 6

/// DTMF: telephone-event where the far end has it, else INFO where it says that it takes that, else
/// tones; the default.
#define SIDETONE_DTMF_AUTO 1

/// DTMF: telephone-event (RFC 4733).
#define SIDETONE_DTMF_RTP 2

/// DTMF: INFO with application/dtmf-relay.
#define SIDETONE_DTMF_INFO 3

/// DTMF: tones in the audio.
#define SIDETONE_DTMF_TONES 4

/// Symmetric RTP: never, media goes where the SDP says.
#define SIDETONE_LATCH_OFF 1

/// Symmetric RTP: the first valid packet's source is taken and kept; the default.
#define SIDETONE_LATCH_ONCE 2

/// Symmetric RTP: each new source is followed until valid RTCP came from one.
#define SIDETONE_LATCH_UNTIL_RTCP 3

/// Direction of media: both ways.
#define SIDETONE_DIRECTION_SENDRECV 1

/// Direction of media: we only send.
#define SIDETONE_DIRECTION_SENDONLY 2

/// Direction of media: we only receive.
#define SIDETONE_DIRECTION_RECVONLY 3

/// Direction of media: neither.
#define SIDETONE_DIRECTION_INACTIVE 4

/// Length of the lists of codecs and suites in structs.
#define SIDETONE_LIST_MAX 16

/// The longest text that is taken, in bytes.
#define SIDETONE_TEXT_MAX 65535

/// The most headers in one list.
#define SIDETONE_HEADERS_MAX 64

/// Registration: not registered, and not trying.
#define SIDETONE_REGISTRATION_UNREGISTERED 0

/// Registration: a REGISTER is under way.
#define SIDETONE_REGISTRATION_REGISTERING 1

/// Registration: registered; it is refreshed before it expires.
#define SIDETONE_REGISTRATION_REGISTERED 2

/// Registration: failed; it is tried again after a while.
#define SIDETONE_REGISTRATION_RETRYING 3

/// Registration: failed for good (credentials refused); only sidetone_account_register() tries again.
#define SIDETONE_REGISTRATION_FAILED 4

/// Registration: being taken back.
#define SIDETONE_REGISTRATION_UNREGISTERING 5

/// Reach: a registration is not wanted, or was given up.
#define SIDETONE_REACH_IDLE 0

/// Reach: the registrar knows where we are.
#define SIDETONE_REACH_UP 1

/// Reach: the registrar was not reached, or refused; it is tried again.
#define SIDETONE_REACH_LOST 2

/// Reach: a REGISTER is out that will tell.
#define SIDETONE_REACH_PROBING 3

/// Reach: our own address has changed, and a REGISTER with the new one is out.
#define SIDETONE_REACH_MOVED 4

/// Outbound (RFC 5626): over connections, not over UDP; the default.
#define SIDETONE_OUTBOUND_AUTO 1

/// Outbound: never.
#define SIDETONE_OUTBOUND_OFF 2

/// Outbound: always.
#define SIDETONE_OUTBOUND_ON 3

/// GRUU (RFC 5627): far ends get the public name of this device, where the registrar gives one.
#define SIDETONE_GRUU_PUBLIC 1

/// GRUU: far ends get the temporary name, which does not tell who we are.
#define SIDETONE_GRUU_TEMPORARY 2

/// GRUU: none is asked for, far ends get our address; the default, since some proxies hand such names
/// out and do not route requests within calls that are sent to them.
#define SIDETONE_GRUU_OFF 3

/// Text of an account: its address of record.
#define SIDETONE_ACCOUNT_TEXT_AOR 1

/// Text of an account: local SIP address used towards the registrar, "ip:port"; empty before the
/// first request.
#define SIDETONE_ACCOUNT_TEXT_LOCAL_ADDRESS 2

/// Complexity of Opus: libopus's 0, the least CPU time. 1 to 10 stand for themselves.
#define SIDETONE_OPUS_COMPLEXITY_LEAST 255

/// Bandwidth of Opus: 4 kHz.
#define SIDETONE_OPUS_BANDWIDTH_NARROW 1

/// Bandwidth of Opus: 6 kHz.
#define SIDETONE_OPUS_BANDWIDTH_MEDIUM 2

/// Bandwidth of Opus: 8 kHz.
#define SIDETONE_OPUS_BANDWIDTH_WIDE 3

/// Bandwidth of Opus: 12 kHz.
#define SIDETONE_OPUS_BANDWIDTH_SUPERWIDE 4

/// Bandwidth of Opus: 20 kHz; the default.
#define SIDETONE_OPUS_BANDWIDTH_FULL 5

/// FEC or DTX of Opus: used.
#define SIDETONE_OPUS_ON 1

/// FEC or DTX of Opus: not used.
#define SIDETONE_OPUS_OFF 2

/// Text of a call: SIP Call-ID.
#define SIDETONE_CALL_TEXT_SIP_CALL_ID 1

/// Text of a call: URI of the far end.
#define SIDETONE_CALL_TEXT_REMOTE_URI 2

/// Text of a call: display name of the far end; may be empty.
#define SIDETONE_CALL_TEXT_REMOTE_NAME 3

/// Text of a call: our URI in it.
#define SIDETONE_CALL_TEXT_LOCAL_URI 4

/// Text of a call: where our RTP goes, "ip:port"; empty before media runs.
#define SIDETONE_CALL_TEXT_REMOTE_RTP 5

/// Text of a call: where we listen for RTP, "ip:port".
#define SIDETONE_CALL_TEXT_LOCAL_RTP 6

/// Do not disturb: calls come through; the default.
#define SIDETONE_DISTURB_ALLOWED 1

/// Do not disturb: callers hear busy (486).
#define SIDETONE_DISTURB_BUSY 2

/// Do not disturb: callers hear that nobody is there (480).
#define SIDETONE_DISTURB_UNAVAILABLE 3

/// Automatic answer: never; the default.
#define SIDETONE_AUTO_ANSWER_OFF 1

/// Automatic answer: calls that ask for it (Call-Info or Alert-Info with answer-after, X-AUTOANSWER,
/// Answer-Mode of RFC 5373).
#define SIDETONE_AUTO_ANSWER_ON_REQUEST 2

/// Automatic answer: every call.
#define SIDETONE_AUTO_ANSWER_ALWAYS 3

/// Policy: the host decides. The default for transfers.
#define SIDETONE_POLICY_ASK 1

/// Policy: it is done. The default for redirects.
#define SIDETONE_POLICY_ALWAYS 2

/// Policy: it is not done.
#define SIDETONE_POLICY_NEVER 3

/// Kind of message: INVITE, also one within the call.
#define SIDETONE_MESSAGE_INVITE 1

/// Kind of message: 101 to 199 to INVITE.
#define SIDETONE_MESSAGE_PROVISIONAL 2

/// Kind of message: 2xx to INVITE.
#define SIDETONE_MESSAGE_ANSWER 3

/// Kind of message: 300 to 699 to INVITE.
#define SIDETONE_MESSAGE_REFUSAL 4

/// Kind of message: ACK.
#define SIDETONE_MESSAGE_ACK 5

/// Kind of message: CANCEL.
#define SIDETONE_MESSAGE_CANCEL 6

/// Kind of message: BYE.
#define SIDETONE_MESSAGE_BYE 7

/// Kind of message: INFO.
#define SIDETONE_MESSAGE_INFO 8

/// Kind of message: UPDATE.
#define SIDETONE_MESSAGE_UPDATE 9

/// Kind of message: REFER.
#define SIDETONE_MESSAGE_REFER 10

/// Kind of message: NOTIFY of a transfer.
#define SIDETONE_MESSAGE_NOTIFY 11

/// Identity: P-Asserted-Identity (RFC 3325).
#define SIDETONE_IDENTITY_ASSERTED 1

/// Identity: P-Preferred-Identity.
#define SIDETONE_IDENTITY_PREFERRED 2

/// Identity: Remote-Party-ID.
#define SIDETONE_IDENTITY_REMOTE_PARTY 3

/// Identity: who sent the call on, the latest first (Diversion, RFC 5806).
#define SIDETONE_IDENTITY_DIVERSION 4

/// Identity: why, "unconditional", "user-busy", "no-answer"…; same index as the one before.
#define SIDETONE_IDENTITY_DIVERSION_REASON 5

/// Identity: where the call has been (History-Info, RFC 7044).
#define SIDETONE_IDENTITY_HISTORY 6

/// Privacy: the asserted identity is for the network only.
#define SIDETONE_PRIVACY_ID 1

/// Privacy: header, session or user privacy is asked for.
#define SIDETONE_PRIVACY_SERVICE 2

/// Privacy: the call's history is to be withheld.
#define SIDETONE_PRIVACY_HISTORY 4

/// Privacy: rather no call than one without it.
#define SIDETONE_PRIVACY_CRITICAL 8

/// Privacy: none is wanted.
#define SIDETONE_PRIVACY_NONE 16

/// Early media: a ringback tone from the 180 on, until the first RTP packet of the far end; the
/// default.
#define SIDETONE_EARLY_MEDIA_AUTO 1

/// Early media: what the far end sends, never a tone.
#define SIDETONE_EARLY_MEDIA_REMOTE 2

/// Early media: the tone, whatever the far end sends.
#define SIDETONE_EARLY_MEDIA_LOCAL 3

/// Early media: nothing.
#define SIDETONE_EARLY_MEDIA_SILENCE 4

/// Reliable provisional responses (RFC 3262): not supported.
#define SIDETONE_PRACK_OFF 1

/// Reliable provisional responses: supported, and used where the far end requires it or where they
/// carry a description; the default.
#define SIDETONE_PRACK_SUPPORTED 2

/// Reliable provisional responses: required of the far end.
#define SIDETONE_PRACK_REQUIRED 3

/// Offer of an outgoing call: in the INVITE; the default.
#define SIDETONE_OFFER_EARLY 1

/// Offer of an outgoing call: the far end's, in its answer.
#define SIDETONE_OFFER_DELAYED 2

/// Hold, a bit of an event's `state`: we hold the far end.
#define SIDETONE_HOLD_LOCAL 1

/// Hold, a bit of an event's `state`: the far end holds us.
#define SIDETONE_HOLD_REMOTE 2

/// Tap: what the far end says, before the gain of what we hear; the default.
#define SIDETONE_TAP_RECEIVED 1

/// Tap: what is sent to the far end: everything that is mixed for it, as it is encoded.
#define SIDETONE_TAP_SENT 2

/// Flag of a frame: 10 ms of it at least were made up in the place of packets lost or late.
#define SIDETONE_TAP_FLAG_CONCEALED 1

/// Flag of a frame: for 10 ms of it at least there was nothing to be heard (no media yet, or of what
/// is received none, as on hold); it is silence there.
#define SIDETONE_TAP_FLAG_ABSENT 2

/// Samples of the longest frame: 20 ms at 48000 Hz.
#define SIDETONE_TAP_SAMPLES_MAX 960

/// Injection: heard by the far end, with the microphone; the default.
#define SIDETONE_INJECT_FAR_END 1

/// Injection: heard by our own user, with the calls.
#define SIDETONE_INJECT_NEAR_END 2

/// The longest body that is sent, in bytes.
#define SIDETONE_BODY_MAX 49152

/// Most parts that are put together.
#define SIDETONE_BODY_PARTS_MAX 64

/// Package: messages waiting in a mailbox (RFC 3842).
#define SIDETONE_PACKAGE_MESSAGE_SUMMARY 1

/// Package: whether somebody talks, for busy lamps (RFC 4235); the default.
#define SIDETONE_PACKAGE_DIALOG 2

/// Package: presence (RFC 3856).
#define SIDETONE_PACKAGE_PRESENCE 3

/// Package: any other, named by `event`; the host reads its documents.
#define SIDETONE_PACKAGE_OTHER 4

/// State of a subscription: SUBSCRIBE is under way, or the first NOTIFY.
#define SIDETONE_SUBSCRIPTION_SUBSCRIBING 0

/// State of a subscription: the far end has not decided about it.
#define SIDETONE_SUBSCRIPTION_PENDING 1

/// State of a subscription: it stands.
#define SIDETONE_SUBSCRIPTION_ACTIVE 2

/// State of a subscription: it was lost; it is tried again after a while.
#define SIDETONE_SUBSCRIPTION_RETRYING 3

/// State of a subscription: it is being taken back.
#define SIDETONE_SUBSCRIPTION_UNSUBSCRIBING 4

/// State of a subscription: refused for good, ended by the far end, or (`sip_code` 200) the one look
/// that was asked for has been told; only sidetone_subscription_refresh() begins anew.
#define SIDETONE_SUBSCRIPTION_ENDED 5

/// Busy lamp: nothing is known yet.
#define SIDETONE_LAMP_UNKNOWN 0

/// Busy lamp: no call.
#define SIDETONE_LAMP_IDLE 1

/// Busy lamp: somebody calls who is watched.
#define SIDETONE_LAMP_RINGING 2

/// Busy lamp: who is watched calls or talks.
#define SIDETONE_LAMP_BUSY 3

/// Busy lamp: all calls of who is watched are on hold.
#define SIDETONE_LAMP_HELD 4

/// Presence: not said.
#define SIDETONE_PRESENCE_UNKNOWN 0

/// Presence: can be reached.
#define SIDETONE_PRESENCE_OPEN 1

/// Presence: cannot be reached.
#define SIDETONE_PRESENCE_CLOSED 2

/// State of a watched dialog: INVITE sent or received.
#define SIDETONE_DIALOG_TRYING 0

/// State of a watched dialog: somebody works on it.
#define SIDETONE_DIALOG_PROCEEDING 1

/// State of a watched dialog: it rings.
#define SIDETONE_DIALOG_EARLY 2

/// State of a watched dialog: it talks.
#define SIDETONE_DIALOG_CONFIRMED 3

/// Text of a subscription: what is watched.
#define SIDETONE_SUBSCRIPTION_TEXT_URI 1

/// Text of a subscription: its event package.
#define SIDETONE_SUBSCRIPTION_TEXT_EVENT 2

/// Text of a subscription: the note of a presence.
#define SIDETONE_SUBSCRIPTION_TEXT_NOTE 3

/// Text of a subscription: the activity of a presence, a name of RFC 4480, "on-the-phone" say.
#define SIDETONE_SUBSCRIPTION_TEXT_ACTIVITY 4

/// Text of a subscription: URI of the mailbox.
#define SIDETONE_SUBSCRIPTION_TEXT_MAILBOX 5

/// Text of a watched dialog: its id within the subscription.
#define SIDETONE_DIALOG_TEXT_ID 1

/// Text of a watched dialog: SIP Call-ID; with both tags what picks the call up (Replaces).
#define SIDETONE_DIALOG_TEXT_CALL_ID 2

/// Text of a watched dialog: tag of who is watched.
#define SIDETONE_DIALOG_TEXT_LOCAL_TAG 3

/// Text of a watched dialog: tag of the far end.
#define SIDETONE_DIALOG_TEXT_REMOTE_TAG 4

/// Text of a watched dialog: URI of the far end.
#define SIDETONE_DIALOG_TEXT_REMOTE_URI 5

/// Text of a watched dialog: display name of the far end.
#define SIDETONE_DIALOG_TEXT_REMOTE_NAME 6

/// State of a publication: PUBLISH is under way.
#define SIDETONE_PUBLICATION_PUBLISHING 0

/// State of a publication: the server has it.
#define SIDETONE_PUBLICATION_PUBLISHED 1

/// State of a publication: it failed; it is tried again after a while.
#define SIDETONE_PUBLICATION_RETRYING 2

/// State of a publication: it is being removed.
#define SIDETONE_PUBLICATION_REMOVING 3

/// State of a publication: refused for good; only another state begins anew.
#define SIDETONE_PUBLICATION_ENDED 4

/// Audio: no device; calls hear what is played or routed into them. The default.
#define SIDETONE_AUDIO_HEADLESS 0

/// Audio: sound cards, opened with the first call and closed after the last.
#define SIDETONE_AUDIO_DEVICES 1

/// Audio: WAV files in the place of a sound card.
#define SIDETONE_AUDIO_WAV 2

/// A sound card can capture.
#define SIDETONE_DEVICE_CAPTURES 1

/// A sound card can play.
#define SIDETONE_DEVICE_PLAYS 2

/// A sound card is the system's default microphone.
#define SIDETONE_DEVICE_DEFAULT_CAPTURE 4

/// A sound card is the system's default loudspeaker.
#define SIDETONE_DEVICE_DEFAULT_PLAYBACK 8

/// Text of a sound card: the id to select it by.
#define SIDETONE_DEVICE_TEXT_ID 1

/// Text of a sound card: its name, for people.
#define SIDETONE_DEVICE_TEXT_NAME 2

/// Measured: `packets_lost`.
#define SIDETONE_VALID_PACKETS_LOST 1

/// Measured: `jitter_ms`.
#define SIDETONE_VALID_JITTER 2

/// Measured: `round_trip_ms`.
#define SIDETONE_VALID_ROUND_TRIP 4

/// Measured: `remote_loss`.
#define SIDETONE_VALID_REMOTE_LOSS 8

/// Measured: `remote_jitter_ms`.
#define SIDETONE_VALID_REMOTE_JITTER 16

/// Measured: `target_delay_ms`.
#define SIDETONE_VALID_TARGET_DELAY 32

/// Measured: `playout_delay_ms`.
#define SIDETONE_VALID_PLAYOUT_DELAY 64

/// Measured: `concealed`.
#define SIDETONE_VALID_CONCEALED 128

/// Measured: `level_received_db`.
#define SIDETONE_VALID_LEVEL_RECEIVED 256

/// Measured: `level_sent_db`.
#define SIDETONE_VALID_LEVEL_SENT 512

/// Measured: `r_factor`.
#define SIDETONE_VALID_R_FACTOR 1024

/// Measured: `mos`.
#define SIDETONE_VALID_MOS 2048

/// Measured: `send_deviation_max_ms`.
#define SIDETONE_VALID_SEND_DEVIATION 4096

/// Priority of threads: nobody asked yet, or there is nothing to ask for on this system.
#define SIDETONE_PRIORITY_NOT_ASKED 0

/// Priority of threads: real-time scheduling (Linux: SCHED_FIFO; Windows: the highest priority of the
/// process's class).
#define SIDETONE_PRIORITY_REAL_TIME 1

/// Priority of threads: that of the scheduler for multimedia (Windows: MMCSS, "Pro Audio").
#define SIDETONE_PRIORITY_MULTIMEDIA 2

/// Priority of threads: refused; the work is done, with gaps on a busy machine.
#define SIDETONE_PRIORITY_REFUSED 3

/// Threads: the media workers.
#define SIDETONE_THREADS_WORKERS 1

/// Threads: the callbacks of the sound card.
#define SIDETONE_THREADS_CALLBACKS 2

/// End of a call: it was never sent.
#define SIDETONE_END_UNSENT 1

/// End of a call: we hung up, cancelled or refused.
#define SIDETONE_END_LOCAL 2

/// End of a call: the far end hung up.
#define SIDETONE_END_REMOTE 3

/// End of a call: the caller gave up.
#define SIDETONE_END_CANCELLED 4

/// End of a call: another phone of ours took it.
#define SIDETONE_END_ELSEWHERE 5

/// End of a call: the far end refused.
#define SIDETONE_END_REFUSED 6

/// End of a call: nobody answered in time.
#define SIDETONE_END_NO_ANSWER 7

/// End of a call: no response, or no acknowledgement, came.
#define SIDETONE_END_TIMEOUT 8

/// End of a call: a message could not be sent.
#define SIDETONE_END_TRANSPORT 9

/// End of a call: the credentials were refused.
#define SIDETONE_END_AUTHENTICATION 10

/// End of a call: the two ends agree on no media.
#define SIDETONE_END_MEDIA 11

/// End of a call: the far end broke the protocol.
#define SIDETONE_END_PROTOCOL 12

/// End of a call: its session was not refreshed (RFC 4028).
#define SIDETONE_END_SESSION 13

/// End of a call: we handed the far end over to somebody else.
#define SIDETONE_END_TRANSFERRED 14

/// End of a call: we sent the caller elsewhere.
#define SIDETONE_END_FORWARDED 15

/// End of a call: it was as long as a call may be.
#define SIDETONE_END_MAX_DURATION 16

/// End of a call: no media came any more.
#define SIDETONE_END_DEAD_MEDIA 17

/// Event: none came.
#define SIDETONE_EVENT_NONE 0

/// Event: the registration of `account` is now in `state` (SIDETONE_REGISTRATION_*); `sip_code`,
/// `text` (why), `expires_s`, `to` (where the REGISTER went: "address:port/TRANSPORT").
#define SIDETONE_EVENT_REGISTRATION 1

/// Event: somebody calls. `call`, `account` (or none), `from`, `display_name`, `to`.
#define SIDETONE_EVENT_INCOMING_CALL 2

/// Event: `call` is now in `state` (SIDETONE_CALL_*); `sip_code`, `text`; when it ended, `status`
/// says why, SIDETONE_OK after an orderly end, `end` (SIDETONE_END_*) how, and `q850_cause`,
/// `reason_sip_code` and `reason` what the far end or the network said of it (RFC 3326).
#define SIDETONE_EVENT_CALL 3

/// Event: media of `call` runs, or its terms changed: `codec`, `srtp_suite`.
#define SIDETONE_EVENT_MEDIA 4

/// Event: a digit came in `call`: `digit`, `duration_ms`.
#define SIDETONE_EVENT_DTMF 5

/// Event: the file played into `call` ended; `status`.
#define SIDETONE_EVENT_PLAY_FINISHED 6

/// Event: the recording of `call` ended; `path`, `status`, `text`; `count`: frames that were lost
/// because the disk was too slow, with silence in their place. An error (SIDETONE_ERR_FILE_WRITE: the
/// disk is full) ends the recording, and not the call; what was written until then can be played.
#define SIDETONE_EVENT_RECORD_FINISHED 7

/// Event: RTP of `call` stopped coming (`state` 1) or came again (`state` 0).
#define SIDETONE_EVENT_MEDIA_TIMEOUT 8

/// Event: the sound card is now in `state` (SIDETONE_DEVICE_STATE_*); `microphone`, `loudspeaker`,
/// `text`. Calls go on.
#define SIDETONE_EVENT_DEVICE 9

/// Event: the outcome of the command that was given `request`: `status`, `text`; `sip_code` of the
/// response behind it, and of a request of the host's own `content_type`, `body` and `headers`.
#define SIDETONE_EVENT_REPLY 10

/// Event: `count` events were dropped because the host did not pull. Read the state anew with
/// sidetone_call_list(), sidetone_call_info_read() and sidetone_account_info_read().
#define SIDETONE_EVENT_EVENTS_LOST 11

/// Event: a fault inside; the engine takes no more commands. Destroy it. `text`.
#define SIDETONE_EVENT_FAULTED 12

/// Event: the engine has stopped; none follows.
#define SIDETONE_EVENT_STOPPED 13

/// Event: a hold of `call` began or ended; `state` has the SIDETONE_HOLD_* bits that are in force.
#define SIDETONE_EVENT_HOLD 22

/// Event: a transfer of `call` is now in `state` (SIDETONE_TRANSFER_*); `sip_code`, `text`; when a
/// far end asks for one: `to` (whom to call), `from` (who says so, may be empty), `flags`
/// (SIDETONE_TRANSFER_FLAG_*).
#define SIDETONE_EVENT_TRANSFER 40

/// Event: somebody else is at the other end of `call` now: `from`, `display_name`. The call goes on.
#define SIDETONE_EVENT_REPLACED 41

/// Event: the far end sends our `call` elsewhere: `to`; `state` 1: decide with
/// sidetone_call_redirect_follow(), 0: it is being followed.
#define SIDETONE_EVENT_REDIRECTED 42

/// Event: the recording of `call` was paused (`state` 1) or goes on (`state` 0); `duration_ms`: where in
/// the file.
#define SIDETONE_EVENT_RECORD_PAUSED 44

/// Event: `count` calls began within a minute, the most that `max_calls_per_minute` allows; further
/// ones are refused until the minute is over. Told once per run; `account` of the first refused.
#define SIDETONE_EVENT_CALLS_LIMITED 43

/// Transfer: the far end wants us to call `to`.
#define SIDETONE_TRANSFER_ASKED 1

/// Transfer: the new call rings or is on its way, or the request for it was taken.
#define SIDETONE_TRANSFER_PROGRESS 2

/// Transfer: the new call stands, or was handed over without further word.
#define SIDETONE_TRANSFER_DONE 3

/// Transfer: it came to nothing, and the call goes on as it was; or, with `sip_code` 0 as a rule, the
/// call ended or lost its far end before the outcome was told.
#define SIDETONE_TRANSFER_FAILED 4

/// Flag of a transfer that is asked for: decide with sidetone_call_transfer_accept() or _reject().
#define SIDETONE_TRANSFER_FLAG_DECIDE 1

/// Flag of a transfer that is asked for: it takes the place of a call that the far end has with `to`.
#define SIDETONE_TRANSFER_FLAG_ATTENDED 2

/// Event: a message came (RFC 3428), and was answered with 200. `account` (or none), `call` when it
/// came in the dialog of one, `from`, `display_name`, `to`, `content_type`, `body`, `headers`.
#define SIDETONE_EVENT_MESSAGE 14

/// Event: a request came that the host asked to answer (`host_methods` of the engine). Answer it
/// with sidetone_request_answer(). `transaction`, `method`, `account` (or none), `call` when it came
/// in the dialog of one, `from`, `to`, `content_type`, `body`, `headers`.
#define SIDETONE_EVENT_REQUEST 15

/// Event: `subscription` is now in `state` (SIDETONE_SUBSCRIPTION_*); `sip_code`, `text`,
/// `expires_s`.
#define SIDETONE_EVENT_SUBSCRIPTION 16

/// Event: messages wait (`state` 1) or none do (`state` 0): `voice_new`, `voice_old`; `to`: the
/// mailbox. `subscription`, or none and `account` when a server tells unasked. `content_type`,
/// `body`, `headers`.
#define SIDETONE_EVENT_MESSAGE_WAITING 17

/// Event: the busy lamp of `subscription` now shows `state` (SIDETONE_LAMP_*); `from`,
/// `display_name`: the far end of the first call. More: sidetone_subscription_dialog_read().
/// `content_type`, `body`, `headers`.
#define SIDETONE_EVENT_LAMP 18

/// Event: the presence of `subscription` is now `state` (SIDETONE_PRESENCE_*); `activity`; `text`:
/// the note. `content_type`, `body`, `headers`.
#define SIDETONE_EVENT_PRESENCE 19

/// Event: `subscription` told what the library does not read: `content_type`, `body`, `headers`.
#define SIDETONE_EVENT_NOTIFY 20

/// Event: `publication` is now in `state` (SIDETONE_PUBLICATION_*); `sip_code`, `text`, `expires_s`.
#define SIDETONE_EVENT_PUBLICATION 21

/// State of the sound card: opened.
#define SIDETONE_DEVICE_STATE_OPENED 0

/// State of the sound card: lost; silence until one is found.
#define SIDETONE_DEVICE_STATE_LOST 1

/// State of the sound card: another one, or the same back again, took over.
#define SIDETONE_DEVICE_STATE_CHANGED 2

/// State of the sound card: closed, no call needs it.
#define SIDETONE_DEVICE_STATE_CLOSED 3

/// State of the sound card: could not be opened; tried again with the next call.
#define SIDETONE_DEVICE_STATE_FAILED 4

/// Log level: nothing.
#define SIDETONE_LOG_OFF 0

/// Log level: something failed.
#define SIDETONE_LOG_ERROR 1

/// Log level: something is odd.
#define SIDETONE_LOG_WARNING 2

/// Log level: what a user would want to know.
#define SIDETONE_LOG_INFO 3

/// Log level: what a developer would want to know.
#define SIDETONE_LOG_DEBUG 4

/// Log level: every SIP message, secrets scrubbed, under module "sip.trace".
#define SIDETONE_LOG_TRACE 5

/// An engine. Hosts hold only its pointer.
typedef struct sidetone_engine sidetone_engine;

/// Settings of an engine. Fill it with sidetone_engine_config_init(), then change what should
/// differ. Times are in milliseconds, 1 to 86400000 where nothing else is said.
typedef struct sidetone_engine_config {
  /// sizeof of this struct.
  uint32_t size;
  /// SIP port for UDP and TCP, 0 to 65535; 0: a free one (default).
  uint32_t sip_port;
  /// User-Agent and Server header; empty: "sidetone/VERSION" (default).
  sidetone_text user_agent;
  /// IP address that the SIP and RTP sockets bind, or name of the interface whose address they bind
  /// ("eth0", on Windows "Ethernet"): when it gets another one they follow, and registrations and
  /// calls with them. Empty: 0.0.0.0 (default).
  sidetone_text bind;
  /// First RTP port, 1024 or above; 0: free ones of the system (default). Even ones are used, each
  /// with the next one for RTCP.
  uint32_t rtp_port_first;
  /// Last RTP port; 0 with `rtp_port_first` 0.
  uint32_t rtp_port_last;
  /// Calls at once, 1 to 65535; default 64.
  uint32_t max_calls;
  /// Accounts at once, 1 to 65535; default 64.
  uint32_t max_accounts;
  /// Media worker threads, 0 to 256; 0: cores - 1, one at least (default).
  uint32_t media_workers;
  /// 1: incoming calls for none of the accounts are taken (default); 0: refused with 404.
  uint32_t accept_unknown;
  /// T1 of RFC 3261, 10 to 10000; default 500.
  uint32_t t1_ms;
  /// T2 of RFC 3261, not less than T1; default 4000.
  uint32_t t2_ms;
  /// T4 of RFC 3261, default 5000.
  uint32_t t4_ms;
  /// Shortest registration lifetime that is asked for after a 423, default 60000.
  uint32_t min_registration_ms;
  /// Shortest session interval that is accepted (RFC 4028), default 90000.
  uint32_t min_session_ms;
  /// First wait before a failed registration is tried again, default 2000; it doubles.
  uint32_t retry_base_ms;
  /// Longest such wait, not less than `retry_base_ms`; default 300000.
  uint32_t retry_max_ms;
  /// Most calls that may begin in any minute, in both directions; 0: any number (default). Further
  /// ones are refused, and SIDETONE_EVENT_CALLS_LIMITED tells of it.
  uint32_t max_calls_per_minute;
  /// Seed of every random number, for replay in tests; 0: the system's entropy (default).
  uint64_t seed;
  /// How audio reaches the user at first, SIDETONE_AUDIO_*; default headless. This field and the
  /// next three are those of sidetone_audio.
  uint32_t audio_kind;
  /// WAV: 1: the microphone file starts again at its end; 0: silence follows.
  uint32_t audio_repeat;
  /// Microphone, or the file in its place.
  sidetone_text microphone;
  /// Loudspeaker, or the file in its place.
  sidetone_text loudspeaker;
  /// DNS server to ask, "address:port"; empty: those of the system (default). One is asked only
  /// for names that neither are numbers nor stand in the hosts file.
  sidetone_text dns_server;
  /// How long a target that failed is tried after the others (RFC 3263), default 30000; it doubles
  /// with each failure in a row.
  uint32_t avoid_ms;
  /// Longest such time, not less than `avoid_ms`; default 600000.
  uint32_t avoid_max_ms;
  /// TLS: PEM file of the authorities to trust, or of single certificates to trust as they are;
  /// empty: the system's (default).
  sidetone_text tls_ca_file;
  /// TLS: PEM file of our certificate, shown to servers that ask for one and by the listener;
  /// empty: none (default).
  sidetone_text tls_certificate_file;
  /// TLS: PEM file of its private key.
  sidetone_text tls_key_file;
  /// Path of WebSocket servers; empty: "/ws" (default).
  sidetone_text websocket_path;
  /// TLS: 1: a server must show a certificate of the domain that was asked for, by an authority
  /// that is trusted (default); 0: any certificate is taken, and the log warns.
  uint32_t tls_verify;
  /// TLS: 1: listen, which needs a certificate; 0: do not (default).
  uint32_t tls_listen;
  /// TLS: port to listen on, 0 to 65535; 0: a free one (default).
  uint32_t tls_port;
  /// DSCP of SIP, 0 to 63; default 24 (CS3).
  uint32_t sip_dscp;
  /// DSCP of RTP and RTCP, 0 to 63; default 46 (EF).
  uint32_t rtp_dscp;
  /// Longest time between two keep-alives of a registration over TCP, TLS or WebSocket; 0: none;
  /// default 120000. Each comes after 80 to 100 % of it.
  uint32_t keep_alive_stream_ms;
  /// The same over UDP, default 29000.
  uint32_t keep_alive_udp_ms;
  /// SIDETONE_KEEP_ALIVE_*: what is sent over UDP; default automatic.
  uint32_t keep_alive_udp;
  /// How long the answer to a keep-alive may take before the flow counts as dead and the
  /// registration is made anew; default 10000.
  uint32_t keep_alive_answer_ms;
  /// A request of more bytes than this goes over TCP rather than UDP, and over UDP after all where
  /// nobody takes the connection (RFC 3261 section 18.1.1); 0: never; default 1300.
  uint32_t tcp_above_bytes;
  /// Methods, separated by commas, whose requests come as SIDETONE_EVENT_REQUEST to be answered by
  /// the host; "*": every one that the engine does not serve itself. INFO means those that carry
  /// no digit. Empty: none (default); they get 405 or 501.
  sidetone_text host_methods;
  /// Media types, separated by commas, that an incoming MESSAGE may have ("text/plain", "text/*",
  /// "*/*"); any other gets 415. Empty: "text/*", "message/cpim" and
  /// "application/im-iscomposing+xml" (default).
  sidetone_text message_types;
  /// Most octets of an incoming MESSAGE, 1 to 65535; a longer one gets 413. Default 16384.
  uint32_t max_message_bytes;
  /// Subscriptions at once, and as many publications, 1 to 65535; default 1024.
  uint32_t max_subscriptions;
} sidetone_engine_config;

/// Settings of an account. Fill it with sidetone_account_config_init(), then change what should
/// differ. Lists end with 0; an empty list is the default.
typedef struct sidetone_account_config {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_TRANSPORT_*; default AUTO: what the URI or the domain's DNS says, else UDP.
  uint32_t transport;
  /// Address of record, "sip:alice@example.com". Must be set.
  sidetone_text aor;
  /// Display name in From; may be empty.
  sidetone_text display_name;
  /// Registrar, "sip:example.com"; empty: none, the account only places and takes calls.
  sidetone_text registrar;
  /// User name for digest; empty: the user part of `aor`.
  sidetone_text auth_user;
  /// Password for digest. It is copied, and never logged. It is used in the account's own realms
  /// only: see `realms`.
  sidetone_text password;
  /// Outbound proxy, "sip:proxy.example.com;lr"; empty: none. Several, with commas between them: the
  /// way through all of them.
  sidetone_text outbound_proxy;
  /// SIP port of its own, UDP and TCP; 0: the engine's (default).
  uint32_t local_port;
  /// First RTP port of its own, 1024 or above; 0: the engine's (default).
  uint32_t rtp_port_first;
  /// Last RTP port of its own.
  uint32_t rtp_port_last;
  /// Registration lifetime asked for, seconds, 1 to 86400; default 300.
  uint32_t expires_s;
  /// 1: register at once when added, if there is a registrar (default); 0: wait for
  /// sidetone_account_register().
  uint32_t register_on_add;
  /// Packet time asked for, ms: 10, 20, 30, 40, 50 or 60; 0: 20 (default).
  uint32_t ptime_ms;
  /// SIDETONE_SRTP_*; default optional.
  uint32_t srtp;
  /// SIDETONE_DTMF_*; default auto.
  uint32_t dtmf;
  /// SIDETONE_LATCH_*; default once.
  uint32_t latch;
  /// 0.
  uint32_t reserved;
  /// SIDETONE_CODEC_* in order of preference; default Opus, G.722, PCMA, PCMU.
  uint32_t codecs[16];
  /// SIDETONE_SUITE_* in order of preference; default all.
  uint32_t srtp_suites[16];
  /// Headers added to every request of this account.
  sidetone_headers headers;
  /// Which device this is towards the registrar, "urn:uuid:...", the same for ever (RFC 5626);
  /// empty: one that lasts as long as the engine (default).
  sidetone_text instance_id;
  /// SIDETONE_OUTBOUND_*; default auto.
  uint32_t outbound;
  /// SIDETONE_GRUU_*; default off.
  uint32_t gruu;
  /// IP address that others reach us at, for Via, Contact and SDP in the place of our own; empty:
  /// our own (default).
  sidetone_text public_address;
  /// 1: Contact is where the registrar sees us, as it tells in `received` and `rport` (RFC 3581;
  /// default); 0: our own address.
  uint32_t learn_contact;
  /// 0.
  uint32_t reserved_2;
  /// A WAV file that the far end of a held call hears; it is read when the account is added or
  /// updated; empty: silence (default).
  sidetone_text hold_music;
  /// SIDETONE_EARLY_MEDIA_*; default auto.
  uint32_t early_media;
  /// SIDETONE_PRACK_*; default supported.
  uint32_t prack;
  /// SIDETONE_OFFER_*; default early.
  uint32_t offer;
  /// Interval of the session timer that we ask for (RFC 4028), seconds, 90 to 86400; 0: we ask for
  /// none, and keep to the far end's (default).
  uint32_t session_expires_s;
  /// Realms whose challenges are answered with the password, whoever asks, by their exact names, with
  /// commas between them; one that has a comma itself stands in quotes: `pbx,"Acme, Inc."`; "*": any
  /// realm. Empty (default): those of the account's own servers, in requests that really go where
  /// the hosts of `aor`, `registrar`, `outbound_proxy` or of the registrar's Service-Route were found,
  /// or where the REGISTER went; what a far end says of the way counts for nothing. They are these
  /// hosts by name; the realms that challenged a REGISTER of this account, the latest 8; and while
  /// there is none such, the realm that first challenges a request outside of calls. Any other
  /// challenge ends its request as it would without a password, and the reason names the realm. To be
  /// named here, and the registrar's realm beside it: that of a proxy which is not the registrar's,
  /// and that of a server at another address than these (RFC 3261 22.3).
  sidetone_text realms;
  /// Complexity of the Opus encoder: 1 to 10, or SIDETONE_OPUS_COMPLEXITY_LEAST; 0: 5 (default).
  uint32_t opus_complexity;
  /// Bit rate of Opus, 6000 to 510000: ours on average, and the most that far ends are asked to
  /// send; 0: 32000, or what the far end allows up to 64000, and far ends as they like (default).
  uint32_t opus_bitrate_bps;
  /// SIDETONE_OPUS_BANDWIDTH_*: the widest that we send, and that far ends are asked for; 0: full
  /// (default).
  uint32_t opus_bandwidth;
  /// SIDETONE_OPUS_ON: in-band FEC is asked for, and sent where the far end takes it; 0: the same
  /// (default).
  uint32_t opus_fec;
  /// SIDETONE_OPUS_ON: DTX is asked for, and used where we send; 0: used where the far end asks for
  /// it (default).
  uint32_t opus_dtx;
  /// 0.
  uint32_t reserved_3;
} sidetone_account_config;

/// An account as it stands.
typedef struct sidetone_account_info {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// SIDETONE_REGISTRATION_*.
  uint32_t state;
  /// Status code of the registrar's last response; 0: none yet.
  uint32_t sip_code;
  /// Lifetime granted, seconds; 0 when not registered.
  uint32_t expires_s;
  /// SIDETONE_REACH_*.
  uint32_t reach;
  /// 0.
  uint32_t reserved;
} sidetone_account_info;

/// Options of one outgoing call. Fill it with sidetone_dial_options_init(), which leaves everything
/// to the account (or, without one, to the defaults of an account).
typedef struct sidetone_dial_options {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_SRTP_*; 0: the account's.
  uint32_t srtp;
  /// Packet time, ms: 10, 20, 30, 40, 50 or 60; 0: the account's.
  uint32_t ptime_ms;
  /// Give up when no final answer came within this time, 1 to 3600000 ms; 0: 180000.
  uint32_t no_answer_ms;
  /// SIDETONE_CODEC_* in order of preference, ended by 0; empty: the account's.
  uint32_t codecs[16];
  /// Headers of the INVITE.
  sidetone_headers headers;
  /// 1: the called is not to know who calls; 2: it is; 0: as the account's services say.
  uint32_t anonymous;
  /// The call ends when it has been connected for so long, seconds; 0: as the account's services
  /// say.
  uint32_t max_duration_s;
  /// SIDETONE_EARLY_MEDIA_*; 0: the account's.
  uint32_t early_media;
  /// SIDETONE_PRACK_*; 0: the account's.
  uint32_t prack;
  /// SIDETONE_OFFER_*; 0: the account's.
  uint32_t offer;
  /// 0.
  uint32_t reserved;
  /// As in sidetone_account_config; 0: the account's.
  uint32_t opus_complexity;
  /// As in sidetone_account_config; 0: the account's.
  uint32_t opus_bitrate_bps;
  /// As in sidetone_account_config; 0: the account's.
  uint32_t opus_bandwidth;
  /// As in sidetone_account_config; 0: the account's.
  uint32_t opus_fec;
  /// As in sidetone_account_config; 0: the account's.
  uint32_t opus_dtx;
  /// 0.
  uint32_t reserved_2;
} sidetone_dial_options;

/// Options of an answer. Fill it with sidetone_answer_options_init().
typedef struct sidetone_answer_options {
  /// sizeof of this struct.
  uint32_t size;
  /// 0.
  uint32_t reserved;
  /// Headers of the 200.
  sidetone_headers headers;
} sidetone_answer_options;

/// A call as it stands.
typedef struct sidetone_call_info {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// SIDETONE_CALL_*.
  uint32_t state;
  /// The account; SIDETONE_ID_NONE for none.
  uint64_t account;
  /// 1: we placed it; 0: it came in.
  uint32_t outgoing;
  /// Last SIP status code; 0: none yet.
  uint32_t sip_code;
  /// SIDETONE_CODEC_* that we send; 0 before media runs.
  uint32_t codec;
  /// Packet time that we send with, ms; 0 before media runs.
  uint32_t ptime_ms;
  /// SIDETONE_DIRECTION_*.
  uint32_t direction;
  /// SIDETONE_SUITE_*; 0: not encrypted.
  uint32_t srtp_suite;
  /// SIDETONE_LATCH_* in force.
  uint32_t latch;
  /// 1: muted.
  uint32_t muted;
  /// Time since the answer, ms; 0 before.
  uint64_t connected_ms;
  /// From the dial (or the INVITE) to the answer, ms; 0 before.
  uint64_t setup_ms;
  /// SIDETONE_HOLD_* bits in force.
  uint32_t hold;
  /// 0.
  uint32_t reserved;
} sidetone_call_info;

/// What an account does with its calls without asking. Fill it with
/// sidetone_account_services_init(), then change what should differ. Empty text: none.
typedef struct sidetone_account_services {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_DISTURB_*; default allowed.
  uint32_t do_not_disturb;
  /// 1: a second call may ring (default); 0: the account is busy (486) with one.
  uint32_t call_waiting;
  /// Most calls at once, in both directions; 0: as many as the engine takes (default).
  uint32_t max_calls;
  /// SIP URI that every call is sent on to, by 302 with a Diversion header (RFC 5806).
  sidetone_text forward_always;
  /// SIP URI that calls are sent on to while the account is busy or does not want to be disturbed.
  sidetone_text forward_busy;
  /// SIP URI that calls are sent on to when nobody answers for `forward_after_ms`.
  sidetone_text forward_no_answer;
  /// See `forward_no_answer`, 1000 to 600000 ms; default 20000.
  uint32_t forward_after_ms;
  /// SIDETONE_AUTO_ANSWER_*; default off.
  uint32_t auto_answer;
  /// How long such a call rings when the caller does not say, 0 to 120000 ms; default 0.
  uint32_t auto_answer_delay_ms;
  /// SIDETONE_POLICY_*: what is done when a far end wants us to call somebody else.
  uint32_t transfer;
  /// Who may have a call answered by itself: users or addresses divided by commas, `*` for any
  /// characters ("200, 3*, *@example.com"); empty: everybody.
  sidetone_text auto_answer_callers;
  /// SIDETONE_POLICY_*: what is done when a far end sends our call elsewhere (3xx).
  uint32_t redirect;
  /// How many times a call may be sent elsewhere, 1 to 100; default 5.
  uint32_t redirect_hops;
  /// 1: P-Asserted-Identity and Remote-Party-ID are believed, the network sees to it; 0: only
  /// From counts (default).
  uint32_t trust_identity;
  /// 1: calls do not say who calls: From is anonymous and the network is asked for privacy
  /// (RFC 3323, 3325); 0: they do (default).
  uint32_t anonymous;
  /// P-Preferred-Identity of calls, "sip:al@example.com", "tel:+49301234" or "Al <sip:…>".
  sidetone_text preferred_identity;
  /// P-Asserted-Identity of calls, for a network that trusts us.
  sidetone_text asserted_identity;
  /// 1: calls carry Remote-Party-ID, for old networks; 0: they do not (default).
  uint32_t remote_party_id;
  /// A call that came in is refused with 480 when nobody answers it for so long, 1000 to 3600000
  /// ms; 0: 180000 (default).
  uint32_t ring_time_ms;
  /// A call ends when it has been connected for so long, seconds; 0: any time (default).
  uint32_t max_duration_s;
  /// A call ends when no RTP came for so long while it should, 1000 to 3600000 ms; 0: never
  /// (default).
  uint32_t dead_media_ms;
  /// Rules for numbers, as desk phones have them: "(<0:+49>[1-9]x.|*xx.|0900x.!)". Between bars;
  /// the first that fits the whole number counts. `x` is any digit, `[2-46]` one of a set, `.`
  /// repeats what is before it, `<a:b>` calls b for a, `!` at the end bars the number.
  sidetone_text dial_plan;
  /// Country code, "49": national numbers become "+49…".
  sidetone_text country_code;
  /// What is dialled before numbers of other countries, "00": becomes "+".
  sidetone_text international_prefix;
  /// What is dialled before numbers of other areas, "0".
  sidetone_text national_prefix;
  /// What goes out for a leading "+", for exchanges that take none: "00" or "011".
  sidetone_text plus;
} sidetone_account_services;

/// How a WAV file is played. Fill it with sidetone_play_options_init().
typedef struct sidetone_play_options {
  /// sizeof of this struct.
  uint32_t size;
  /// 1: start again at the end, until stopped; 0: once (default).
  uint32_t repeat;
  /// Gain in dB, -96 to 24; default 0.
  float gain_db;
  /// 0.
  uint32_t reserved;
} sidetone_play_options;

/// How a call is tapped. Fill it with sidetone_tap_options_init().
typedef struct sidetone_tap_options {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_TAP_RECEIVED (default) or SIDETONE_TAP_SENT.
  uint32_t direction;
  /// 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
  uint32_t sample_rate_hz;
  /// Length of a frame, 10 or 20 ms (default).
  uint32_t frame_ms;
  /// Audio that waits to be read at most, 100 to 10000 ms, default 1000: as long as the host may
  /// stall without a gap.
  uint32_t buffer_ms;
  /// 0.
  uint32_t reserved;
} sidetone_tap_options;

/// What is told of a frame.
typedef struct sidetone_tap_frame {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// Samples of the frame.
  uint32_t samples;
  /// Samples from the first one of the tap to the first one of this frame, dropped ones included.
  uint64_t timestamp;
  /// When it was made, since the engine was created, on the monotonic clock, ns.
  uint64_t time_ns;
  /// Frames dropped between this one and the one before it, because the host did not read in time.
  uint64_t dropped;
  /// Sum of SIDETONE_TAP_FLAG_*.
  uint32_t flags;
  /// 0.
  uint32_t reserved;
} sidetone_tap_frame;

/// How a tap does.
typedef struct sidetone_tap_info {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// Samples of a frame.
  uint32_t frame_samples;
  /// Frames that wait to be read.
  uint32_t waiting;
  /// 1: the call is over, nothing follows what waits.
  uint32_t ended;
  /// Frames dropped in all, because the host did not read in time.
  uint64_t dropped;
} sidetone_tap_info;

/// How audio is put into a call. Fill it with sidetone_inject_options_init().
typedef struct sidetone_inject_options {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_INJECT_FAR_END (default) or SIDETONE_INJECT_NEAR_END.
  uint32_t direction;
  /// 8000, 16000 (default), 24000 or 48000 Hz; mono, 16 bits.
  uint32_t sample_rate_hz;
  /// Audio that may be written ahead, 100 to 60000 ms, default 5000.
  uint32_t buffer_ms;
} sidetone_inject_options;

/// How an injection does. All but `queued` count from its opening.
typedef struct sidetone_inject_info {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// 1: the call is over, nothing more is played.
  uint32_t ended;
  /// Samples that wait to be played.
  uint64_t queued;
  /// Samples played.
  uint64_t played;
  /// How often it ran empty while it played: the host was late, or had no more to say.
  uint64_t underruns;
  /// Samples that writes did not take for want of room.
  uint64_t dropped;
} sidetone_inject_info;

/// A request of the host's own. Fill it with sidetone_sip_request_init().
typedef struct sidetone_sip_request {
  /// sizeof of this struct.
  uint32_t size;
  /// 0.
  uint32_t reserved;
  /// Method: MESSAGE, INFO, OPTIONS, NOTIFY, …, or one of the host's own. INVITE, ACK, CANCEL, BYE,
  /// PRACK, UPDATE, REGISTER and SUBSCRIBE are the engine's.
  sidetone_text method;
  /// Media type of the body, with its parameters; empty without a body.
  sidetone_text content_type;
  /// The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
  sidetone_text body;
  /// Headers.
  sidetone_headers headers;
} sidetone_sip_request;

/// An answer to a request of SIDETONE_EVENT_REQUEST. Fill it with sidetone_sip_answer_init().
typedef struct sidetone_sip_answer {
  /// sizeof of this struct.
  uint32_t size;
  /// Status code, 200 (default) to 699.
  uint32_t sip_code;
  /// Reason phrase; empty: the registered one.
  sidetone_text reason;
  /// Media type of the body, with its parameters; empty without a body.
  sidetone_text content_type;
  /// The body: any octets, `length` of them, SIDETONE_BODY_MAX at most.
  sidetone_text body;
  /// Headers.
  sidetone_headers headers;
} sidetone_sip_answer;

/// How something is watched. Fill it with sidetone_subscription_options_init().
typedef struct sidetone_subscription_options {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_PACKAGE_*; default SIDETONE_PACKAGE_DIALOG.
  uint32_t package;
  /// Lifetime asked for, 0 to 86400 seconds, default 3600; 0: one look and no more, with which
  /// the subscription ends and the reply comes.
  uint32_t expires_s;
  /// 0.
  uint32_t reserved;
  /// Event package of SIDETONE_PACKAGE_OTHER.
  sidetone_text event;
  /// Its media types, separated by commas.
  sidetone_text accept;
} sidetone_subscription_options;

/// A subscription as it stands. Set `size` before it is read.
typedef struct sidetone_subscription_info {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_SUBSCRIPTION_*.
  uint32_t state;
  /// Last SIP status code; 0: none.
  uint32_t sip_code;
  /// Lifetime granted, seconds.
  uint32_t expires_s;
  /// SIDETONE_LAMP_*.
  uint32_t lamp;
  /// How many dialogs there are, for sidetone_subscription_dialog_read().
  uint32_t dialogs;
  /// SIDETONE_PRESENCE_*.
  uint32_t presence;
  /// 1: new messages wait; 0: none.
  uint32_t messages_waiting;
  /// New voice messages.
  uint32_t voice_new;
  /// Old voice messages.
  uint32_t voice_old;
  /// Urgent ones of the new.
  uint32_t voice_urgent_new;
  /// Urgent ones of the old.
  uint32_t voice_urgent_old;
} sidetone_subscription_info;

/// A dialog of somebody who is watched. Set `size` before it is read.
typedef struct sidetone_watched_dialog {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_DIALOG_*.
  uint32_t state;
  /// 1: who is watched calls; 2: is called; 0: not told.
  uint32_t direction;
  /// 1: on hold.
  uint32_t held;
} sidetone_watched_dialog;

/// Our own presence. Fill it with sidetone_presence_init().
typedef struct sidetone_presence {
  /// sizeof of this struct.
  uint32_t size;
  /// 1: can be reached (default); 0: cannot.
  uint32_t open;
  /// What we do, a name of RFC 4480: "on-the-phone", "away", "busy", "meeting"; empty: not said.
  sidetone_text activity;
  /// For people; empty: none.
  sidetone_text note;
} sidetone_presence;

/// How the audio of calls reaches the user. Fill it with sidetone_audio_init().
typedef struct sidetone_audio {
  /// sizeof of this struct.
  uint32_t size;
  /// SIDETONE_AUDIO_*.
  uint32_t kind;
  /// Devices: id or name of the microphone; empty: the system's default, followed when it changes.
  /// WAV: the file that is played as the microphone; empty: silence.
  sidetone_text microphone;
  /// Devices: id or name of the loudspeaker; empty: the system's default. WAV: the file that is
  /// written with what a loudspeaker would play; empty: none.
  sidetone_text loudspeaker;
  /// WAV: 1: the microphone file starts again at its end; 0: silence follows.
  uint32_t repeat;
  /// 0.
  uint32_t reserved;
} sidetone_audio;

/// Levels at the sound card, in dB relative to full scale; -96 is silence.
typedef struct sidetone_audio_levels {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// 1: a device is open and the levels were measured; 0: they were not, and are 0.
  uint32_t valid;
  /// Microphone.
  float microphone_db;
  /// Loudspeaker.
  float loudspeaker_db;
} sidetone_audio_levels;

/// A sound card.
typedef struct sidetone_device_info {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// Sum of SIDETONE_DEVICE_*.
  uint32_t flags;
} sidetone_device_info;

/// How a call's media does. Counters count from the call's begin. A value that has a bit in `valid`
/// is 0 and means nothing while the bit is not set: it was not measured yet.
typedef struct sidetone_call_stats {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// Sum of SIDETONE_VALID_*.
  uint32_t valid;
  /// RTP packets sent.
  uint64_t packets_sent;
  /// RTP payload sent, bytes.
  uint64_t bytes_sent;
  /// RTP packets received and believed.
  uint64_t packets_received;
  /// RTP payload received, bytes.
  uint64_t bytes_received;
  /// Packets that never came (RFC 3550 A.3).
  uint64_t packets_lost;
  /// Packets that came too late to be played.
  uint64_t packets_late;
  /// Packets that came twice.
  uint64_t packets_duplicate;
  /// Datagrams dropped: malformed, of a stranger, or of an unknown payload type.
  uint64_t packets_discarded;
  /// Datagrams that failed SRTP authentication or replay protection.
  uint64_t srtp_failures;
  /// Audio played, ms.
  uint64_t played_ms;
  /// Of it concealment, ms.
  uint64_t concealed_ms;
  /// Audio cut out by shortening, ms.
  uint64_t accelerated_ms;
  /// Audio put in by stretching, ms.
  uint64_t stretched_ms;
  /// Interarrival jitter (RFC 3550 A.8).
  float jitter_ms;
  /// Round-trip time from RTCP (RFC 3550 §6.4.1).
  float round_trip_ms;
  /// Loss that the far end reports of our packets, 0 to 1.
  float remote_loss;
  /// Jitter that the far end reports.
  float remote_jitter_ms;
  /// Delay that the jitter buffer aims at.
  float target_delay_ms;
  /// Delay that it has now.
  float playout_delay_ms;
  /// Share of played audio that was concealment, 0 to 1.
  float concealed;
  /// Level received, dB relative to full scale; -96 is silence.
  float level_received_db;
  /// Level sent, dB relative to full scale; -96 is silence.
  float level_sent_db;
  /// R factor of the E-model (ITU-T G.107), 0 to 100.
  float r_factor;
  /// MOS from it (G.107 Annex B), 1 to 4.5.
  float mos;
  /// Departure of sent packets from their grid, worst seen.
  float send_deviation_max_ms;
} sidetone_call_stats;

/// Counters of a whole engine, from its creation.
typedef struct sidetone_engine_stats {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// Calls that are live.
  uint32_t calls;
  /// Rounds in which media workers made audio: every 5 ms while a sound card is open, every 10 ms with
  /// files, else for each call, or calls that hear each other, every 20 ms (10 where our packet time is no
  /// multiple of 20).
  uint64_t ticks;
  /// Of them: those that began more than 5 ms late, with a sound card 2.5 ms.
  uint64_t late_ticks;
  /// SIP datagrams and stream messages received.
  uint64_t sip_received;
  /// Of those, dropped as malformed or unmatched.
  uint64_t sip_dropped;
  /// Events dropped because the host did not pull.
  uint64_t events_lost;
  /// Log lines dropped.
  uint64_t log_lost;
  /// Frames that the sound card asked for in vain.
  uint64_t device_underruns;
  /// SIP messages dropped unread because their source sent too many: more than 20 a second
  /// for each of max_calls, or 1000 if that is more.
  uint64_t sip_over_rate;
  /// Requests, calls and connections refused because there are as many as may be.
  uint64_t sip_over_limit;
  /// Requests over UDP that failed at once, since the far end's system said that nobody listens
  /// there (Linux; ICMP).
  uint64_t sip_unreachable;
  /// Frames of the sound card's microphone that were missing when they were due (silence went in
  /// their place), or were thrown away because too many waited.
  uint64_t microphone_lost;
} sidetone_engine_stats;

/// How the threads of an engine do that have to keep time, from its creation: the sound card's
/// callbacks, over all cards that it has had open, and the rounds of its media workers. Durations are of
/// the monotonic clock, and counted by length: percentiles are up to an eighth more than what was
/// measured, never less, and the longest is exact.
typedef struct sidetone_engine_health {
  /// sizeof of this struct, set by the host.
  uint32_t size;
  /// Media workers.
  uint32_t workers;
  /// Callbacks of the loudspeaker; 0: no sound card was open yet.
  uint64_t playback_callbacks;
  /// Callbacks of the microphone.
  uint64_t capture_callbacks;
  /// Callbacks of either that took longer than the audio they were for: heard as gaps.
  uint64_t deadline_misses;
  /// Rounds in which media workers made audio, see `ticks` of sidetone_engine_stats.
  uint64_t rounds;
  /// Of them: those that began more than 5 ms late, with a sound card 2.5 ms.
  uint64_t late_rounds;
  /// Half of the callbacks took no longer, microseconds.
  uint32_t callback_p50_us;
  /// 99 of 100 took no longer, microseconds.
  uint32_t callback_p99_us;
  /// The longest, microseconds.
  uint32_t callback_max_us;
  /// Half of the rounds began no later than this after they were due, microseconds.
  uint32_t round_late_p50_us;
  /// 99 of 100 began no later, microseconds.
  uint32_t round_late_p99_us;
  /// The latest, microseconds.
  uint32_t round_late_max_us;
  /// SIDETONE_PRIORITY_* of the media workers' threads, of the worst of them.
  uint32_t worker_priority;
  /// When refused: the system's number (errno, on Windows that of GetLastError), else 0.
  int32_t worker_error;
  /// SIDETONE_PRIORITY_* of the callbacks' threads.
  uint32_t callback_priority;
  /// When refused: the system's number, else 0.
  int32_t callback_error;
} sidetone_engine_health;

/// An event. Which fields it has is said at SIDETONE_EVENT_*; all others are 0, or empty text.
/// Texts live until the next sidetone_event_next() on the engine, or until the callback is back.
typedef struct sidetone_event {
  /// sizeof of this struct, set by the host (the callback gets it set).
  uint32_t size;
  /// SIDETONE_EVENT_*. Skip kinds that you do not know: later versions add some.
  uint32_t kind;
  /// Number of this event, from 1 without gaps.
  uint64_t sequence;
  /// Time since the engine was created, on the monotonic clock, ns.
  uint64_t time_ns;
  /// Account; SIDETONE_ID_NONE for none.
  uint64_t account;
  /// Call; SIDETONE_ID_NONE for none.
  uint64_t call;
  /// Request that this is the reply to.
  uint64_t request;
  /// State, by kind.
  uint32_t state;
  /// SIDETONE_OK or the SIDETONE_ERR_* behind it.
  int32_t status;
  /// Status code of the SIP response behind it; 0: none.
  uint32_t sip_code;
  /// Length of a digit, or place in a recording, ms.
  uint32_t duration_ms;
  /// Lifetime that the registrar granted, seconds.
  uint32_t expires_s;
  /// SIDETONE_CODEC_* that we send.
  uint32_t codec;
  /// SIDETONE_SUITE_*; 0: not encrypted.
  uint32_t srtp_suite;
  /// A digit as ASCII: 0-9 * # A-D, or ! for a hook flash.
  uint32_t digit;
  /// Events or frames dropped, by kind.
  uint64_t count;
  /// Why, for people.
  sidetone_text text;
  /// URI of the caller.
  sidetone_text from;
  /// Display name of the caller.
  sidetone_text display_name;
  /// URI that was called; of a registration, where it went.
  sidetone_text to;
  /// A file.
  sidetone_text path;
  /// Name of the loudspeaker.
  sidetone_text loudspeaker;
  /// Name of the microphone.
  sidetone_text microphone;
  /// SIDETONE_END_*.
  uint32_t end;
  /// Q.850 cause of a Reason header; 0: none.
  uint32_t q850_cause;
  /// SIP status of a Reason header; 0: none.
  uint32_t reason_sip_code;
  /// By kind.
  uint32_t flags;
  /// Text of a Reason header.
  sidetone_text reason;
  /// A request that waits for the host's answer.
  uint64_t transaction;
  /// Subscription; SIDETONE_ID_NONE for none.
  uint64_t subscription;
  /// Publication; SIDETONE_ID_NONE for none.
  uint64_t publication;
  /// New voice messages.
  uint32_t voice_new;
  /// Old voice messages.
  uint32_t voice_old;
  /// What somebody does, a name of RFC 4480.
  sidetone_text activity;
  /// Its method.
  sidetone_text method;
  /// Media type of `body`, with its parameters.
  sidetone_text content_type;
  /// A body: octets as they came, `length` of them; not always UTF-8.
  sidetone_text body;
  /// Every header line of the message behind the event, in order.
  sidetone_headers headers;
} sidetone_event;

/// Takes events on the library's thread; `event` and its texts live until it is back.
typedef void (*sidetone_event_fn)(const struct sidetone_event *event, void *user);

/// Tells that events wait. It may be called on any thread, and may only notify: set a flag, post a
/// message, write to a pipe. Every function of this library that it calls with the engine returns
/// SIDETONE_ERR_WRONG_THREAD. It must not throw.
typedef void (*sidetone_wakeup_fn)(void *user);

/// Takes one log line. `level`: SIDETONE_LOG_*. `module`: "sip.trace", "sip", "call", "media",
/// "device" or "engine". `text`: of `length` bytes, ends with a NUL too; several lines for a SIP
/// message. Both texts live until it is back. Every function of this library that it calls with the
/// engine returns SIDETONE_ERR_WRONG_THREAD. It must not throw.
typedef void (*sidetone_log_fn)(uint32_t level,
                                const char *module,
                                const char *text,
                                int32_t length,
                                void *user);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// The interface version of the library that is loaded, in the form of SIDETONE_API_VERSION. It can
/// be used when its major number is the header's and its minor number not less.
///
/// Threads: any. Since 0.1.
///
/// ```c
/// if (sidetone_api_version() < SIDETONE_API_VERSION)
///   puts("the library is older than the header");
/// ```
SIDETONE_API uint32_t sidetone_api_version(void);

/// The version of the library, for people: "0.1.0".
///
/// Returns a text that lives as long as the library is loaded; never NULL.
/// Threads: any. Since 0.1.
///
/// ```c
/// printf("sidetone %s\n", sidetone_version());
/// ```
SIDETONE_API const char *sidetone_version(void);

/// Whether the library has a feature by name: "audio" (sound cards), "udp", "tcp", "tls", "ws", "srtp",
/// "opus", "g722", "pcmu", "pcma", "taps", "conferences", "wakeup-fd", "wakeup-windows".
///
/// `name`, `length` (bytes, -1: ends with a NUL).
/// Returns 1 when it has it, 0 when not or when the name is unknown;
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_INVALID_ARGUMENT (`length`).
/// Threads: any. Since 0.1.
///
/// ```c
/// if (sidetone_has_feature("audio", -1) != 1)
///   puts("built without sound cards");
/// ```
SIDETONE_API
int32_t sidetone_has_feature(const char *name,
                             int32_t length);

/// A short English text for a status, the same every time; what went wrong in a particular call is
/// told by sidetone_last_error(). For positive numbers: that of success; for unknown ones:
/// "unknown status".
///
/// Returns a text that lives as long as the library is loaded; never NULL.
/// Threads: any. Since 0.1.
///
/// ```c
/// int32_t status = sidetone_call_hangup(engine, call, NULL);
/// if (status < 0)
///   printf("hang up: %s\n", sidetone_strerror(status));
/// ```
SIDETONE_API const char *sidetone_strerror(int32_t status);

/// The text of the latest call on this thread that failed: what happened, and what to do about it.
/// Calls that succeed leave it as it is. Empty when none failed yet.
///
/// `buffer`, `capacity` (bytes), `needed`: as for every text out, see "Text" above.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL with the text cut and `needed` stored,
/// SIDETONE_ERR_NULL_POINTER (`buffer`, with a `capacity`).
/// Threads: any; each has a text of its own. Since 0.1.
///
/// ```c
/// char text[256];
/// if (sidetone_call_ring(engine, call, NULL) < 0) {
///   sidetone_last_error(text, sizeof text, NULL);
///   puts(text);
/// }
/// ```
SIDETONE_API int32_t sidetone_last_error(char *buffer, uint32_t capacity, uint32_t *needed);

/// Fills a config with the defaults.
///
/// `config`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine_config config;
/// sidetone_engine_config_init(&config, sizeof config);
/// config.sip_port = 5060;
/// config.max_calls = 500;
/// ```
SIDETONE_API
int32_t sidetone_engine_config_init(struct sidetone_engine_config *config,
                                    uint32_t size);

/// Creates an engine: opens its SIP sockets and starts its threads. A process may have several.
///
/// `config`: NULL for the defaults. `engine`: gets the engine, NULL on failure.
/// Returns SIDETONE_OK; SIDETONE_ERR_TRANSPORT (the port is taken), SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_FILE_OPEN and SIDETONE_ERR_FILE_FORMAT (a WAV file of `microphone` or
/// `loudspeaker`, a file of TLS).
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine *mine = NULL;
/// if (sidetone_engine_create(NULL, &mine) == SIDETONE_OK) {
///   sidetone_engine_destroy(mine);
/// }
/// ```
SIDETONE_API
int32_t sidetone_engine_create(const struct sidetone_engine_config *config,
                               struct sidetone_engine **engine);

/// Ends all calls and registrations, waits for the far ends at most `timeout_ms`, and stops the
/// engine's threads. Its last event is SIDETONE_EVENT_STOPPED; it can still be pulled afterwards.
/// A second call does nothing.
///
/// `timeout_ms`: 0 to 60000, 2000 is usual. It bounds the far ends only: what ends on this machine
/// (media, the sound card, files that are being written) may take up to 5 s more.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_WRONG_THREAD (in a wake-up or log function).
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine_shutdown(engine, 2000);
/// while (sidetone_event_next(engine, 0, &event) == SIDETONE_OK)
///   printf("last words: %u\n", (unsigned)event.kind);
/// ```
SIDETONE_API int32_t sidetone_engine_shutdown(struct sidetone_engine *engine, uint32_t timeout_ms);

/// Shuts the engine down, with 2000 ms unless sidetone_engine_shutdown() was called before, and
/// frees it. Calls of other threads that are inside the engine end first: a waiting
/// sidetone_event_next() returns SIDETONE_ERR_SHUTDOWN or the last events, and the event callback is
/// called until it had SIDETONE_EVENT_STOPPED. No host function is called any more once this one is
/// back, and the pointer is dead. The host sees to it that no call begins once this one has begun;
/// after sidetone_engine_shutdown() other threads find that the engine has stopped, and can be ended.
///
/// `engine`: NULL does nothing.
/// Returns SIDETONE_OK; SIDETONE_ERR_WRONG_THREAD (called in the event callback, a wake-up or a log
/// function; the engine lives on).
/// Threads: any but the engine's own, and one only. Since 0.1.
///
/// ```c
/// sidetone_engine_destroy(engine);
/// ```
SIDETONE_API
int32_t sidetone_engine_destroy(struct sidetone_engine *engine);

/// The engine's own SIP address, "ip:port"; an IPv6 address in brackets.
///
/// `transport`: SIDETONE_TRANSPORT_UDP, _TCP, or _TLS where the engine listens for it. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_WRONG_STATE (nobody can reach the engine by that transport),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char address[64];
/// if (sidetone_engine_address_read(engine, SIDETONE_TRANSPORT_UDP, address, sizeof address,
///                                  NULL) == SIDETONE_OK)
///   printf("listening on %s\n", address);
/// ```
SIDETONE_API
int32_t sidetone_engine_address_read(struct sidetone_engine *engine,
                                     uint32_t transport,
                                     char *buffer,
                                     uint32_t capacity,
                                     uint32_t *needed);

/// Fills a config with the defaults.
///
/// `config`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_config config;
/// sidetone_account_config_init(&config, sizeof config);
/// config.codecs[0] = SIDETONE_CODEC_PCMA;
/// config.srtp = SIDETONE_SRTP_MANDATORY;
/// ```
SIDETONE_API
int32_t sidetone_account_config_init(struct sidetone_account_config *config,
                                     uint32_t size);

/// Adds an account, and registers it when it has a registrar and `register_on_add`. How the
/// registration does is told by SIDETONE_EVENT_REGISTRATION.
///
/// `config`: copied. `account`: gets its id. `request`: see "Requests"; the reply comes when the
/// account stands.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_LIMIT (max_accounts), SIDETONE_ERR_TRANSPORT (local_port is taken),
/// SIDETONE_ERR_FILE_OPEN and SIDETONE_ERR_FILE_FORMAT (`hold_music`), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_config config;
/// uint64_t alice = SIDETONE_ID_NONE;
/// sidetone_account_config_init(&config, sizeof config);
/// config.aor.data = "sip:alice@example.com";
/// config.registrar.data = "sip:example.com";
/// config.password.data = "secret";
/// sidetone_account_add(engine, &config, &alice, NULL);
/// ```
SIDETONE_API
int32_t sidetone_account_add(struct sidetone_engine *engine,
                             const struct sidetone_account_config *config,
                             uint64_t *account,
                             uint64_t *request);

/// Replaces the settings of an account. Calls that are up keep the old ones; a registration is made
/// anew.
///
/// `config`: copied. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND and those of
/// sidetone_account_add().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_config config;
/// sidetone_account_config_init(&config, sizeof config);
/// config.aor.data = "sip:alice@example.com";
/// config.display_name.data = "Alice";
/// sidetone_account_update(engine, account, &config, NULL);
/// ```
SIDETONE_API
int32_t sidetone_account_update(struct sidetone_engine *engine,
                                uint64_t account,
                                const struct sidetone_account_config *config,
                                uint64_t *request);

/// Unregisters and removes an account. Its calls go on; its id is stale at once.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_remove(engine, account, NULL);
/// ```
SIDETONE_API
int32_t sidetone_account_remove(struct sidetone_engine *engine,
                                uint64_t account,
                                uint64_t *request);

/// Registers an account, or registers it again at once.
///
/// `request`: see "Requests"; the reply comes with the registrar's final answer, or says
/// SIDETONE_ERR_WRONG_STATE when the account has no registrar.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t request = 0;
/// sidetone_account_register(engine, account, &request);
/// ```
SIDETONE_API
int32_t sidetone_account_register(struct sidetone_engine *engine,
                                  uint64_t account,
                                  uint64_t *request);

/// Takes an account's registration back. The account stays.
///
/// `request`: see "Requests"; the reply comes with the registrar's final answer.
/// Returns as sidetone_account_register().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_unregister(engine, account, NULL);
/// ```
SIDETONE_API
int32_t sidetone_account_unregister(struct sidetone_engine *engine,
                                    uint64_t account,
                                    uint64_t *request);

/// How an account stands now.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_info info;
/// info.size = sizeof info;
/// if (sidetone_account_info_read(engine, account, &info) == SIDETONE_OK &&
///     info.state == SIDETONE_REGISTRATION_REGISTERED)
///   printf("registered for %u s\n", (unsigned)info.expires_s);
/// ```
SIDETONE_API
int32_t sidetone_account_info_read(struct sidetone_engine *engine,
                                   uint64_t account,
                                   struct sidetone_account_info *info);

/// A text of an account.
///
/// `which`: SIDETONE_ACCOUNT_TEXT_*. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`which`),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char aor[256];
/// sidetone_account_text_read(engine, account, SIDETONE_ACCOUNT_TEXT_AOR, aor, sizeof aor, NULL);
/// ```
SIDETONE_API
int32_t sidetone_account_text_read(struct sidetone_engine *engine,
                                   uint64_t account,
                                   uint32_t which,
                                   char *buffer,
                                   uint32_t capacity,
                                   uint32_t *needed);

/// The ids of the accounts.
///
/// `accounts`: gets at most `capacity` ids; may be NULL with `capacity` 0. `count`: gets how many
/// there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL (as many as fit were stored),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t accounts[64];
/// uint32_t count = 0;
/// sidetone_account_list(engine, accounts, 64, &count);
/// ```
SIDETONE_API
int32_t sidetone_account_list(struct sidetone_engine *engine,
                              uint64_t *accounts,
                              uint32_t capacity,
                              uint32_t *count);

/// Says that the network has changed, or that the machine has woken up: call it from the system's
/// notification. What was found by DNS is forgotten, every account is registered anew, and calls
/// whose own address has changed are told so by re-INVITE; their media goes on with the same keys.
/// The engine notices much of this by itself, but later: when a registration is refreshed, when
/// something cannot be sent, when a connection breaks.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY, SIDETONE_ERR_FAULTED,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_network_changed(engine);
/// ```
SIDETONE_API int32_t sidetone_network_changed(struct sidetone_engine *engine);

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_dial_options options;
/// sidetone_header campaign;
/// sidetone_dial_options_init(&options, sizeof options);
/// sidetone_header_set(&campaign, "X-Campaign", "spring");
/// options.headers.data = &campaign;
/// options.headers.count = 1;
/// ```
SIDETONE_API
int32_t sidetone_dial_options_init(struct sidetone_dial_options *options,
                                   uint32_t size);

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_answer_options options;
/// sidetone_answer_options_init(&options, sizeof options);
/// ```
SIDETONE_API
int32_t sidetone_answer_options_init(struct sidetone_answer_options *options,
                                     uint32_t size);

/// Places a call. It is under way when this function is back; what becomes of it is told by
/// SIDETONE_EVENT_CALL, which may come before that.
///
/// `account`: who calls, or SIDETONE_ID_NONE for a call straight to an address. `uri`, `length`
/// (bytes, -1: ends with a NUL): "sip:user@host", "user@host", or with an account only the user,
/// who is then at the domain of its address of record, and a number as people write it or
/// "tel:+49301234", which its dial plan makes into one. `options`: NULL for the defaults. `call`:
/// gets the id. `request`: see "Requests"; the reply comes with the final answer, done when the call
/// is connected, SIDETONE_ERR_WRONG_STATE when the host hung up before.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_LIMIT (max_calls), SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN. That no RTP port is free (SIDETONE_ERR_NO_PORT), or that a media worker is
/// too busy for another call (SIDETONE_ERR_BUSY), is told by the end event.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t bob = SIDETONE_ID_NONE;
/// int32_t status =
///     sidetone_call_dial(engine, account, "sip:bob@example.com", -1, NULL, &bob, NULL);
/// if (status < 0)
///   puts(sidetone_strerror(status));
/// ```
SIDETONE_API
int32_t sidetone_call_dial(struct sidetone_engine *engine,
                           uint64_t account,
                           const char *uri,
                           int32_t length,
                           const struct sidetone_dial_options *options,
                           uint64_t *call,
                           uint64_t *request);

/// Sends 180 Ringing for an incoming call.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_WRONG_STATE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. A state that turns out wrong
/// only later is told by the reply.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_ring(engine, event.call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_ring(struct sidetone_engine *engine,
                           uint64_t call,
                           uint64_t *request);

/// Answers an incoming call with 200.
///
/// `options`: NULL for the defaults. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_WRONG_STATE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. A state that turns out wrong
/// only later is told by the reply.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_answer(engine, event.call, NULL, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_answer(struct sidetone_engine *engine,
                             uint64_t call,
                             const struct sidetone_answer_options *options,
                             uint64_t *request);

/// Refuses an incoming call.
///
/// `sip_code`: 300 to 699, for instance 486 (busy) or 603 (declined). `reason`, `length` (bytes,
/// -1: ends with a NUL): the reason phrase; NULL for the standard one. `request`: see "Requests".
/// Returns as sidetone_call_answer(), SIDETONE_ERR_INVALID_ARGUMENT for another code.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_reject(engine, call, 486, NULL, 0, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_reject(struct sidetone_engine *engine,
                             uint64_t call,
                             uint32_t sip_code,
                             const char *reason,
                             int32_t length,
                             uint64_t *request);

/// Ends a call in whatever state it is: CANCEL, BYE, or 603 for one that was not answered.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_hangup(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_hangup(struct sidetone_engine *engine,
                             uint64_t call,
                             uint64_t *request);

/// Mutes or unmutes our user's microphone in a call. Within 20 ms. What else the far end hears (files
/// that are played, injections, routes, digits as tones) goes on.
///
/// `muted`: 1 mutes, 0 unmutes. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_mute(engine, call, 1, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_mute(struct sidetone_engine *engine,
                           uint64_t call,
                           uint32_t muted,
                           uint64_t *request);

/// Sets the gains of a call. Within 20 ms.
///
/// `send_db`: of what we send; `receive_db`: of what we hear; -96 (silence) to 24, 0 leaves the
/// samples as they are. `request`: see "Requests".
/// Returns as sidetone_call_mute().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_gain(engine, call, 0.0f, -6.0f, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_gain(struct sidetone_engine *engine,
                           uint64_t call,
                           float send_db,
                           float receive_db,
                           uint64_t *request);

/// Lets what call `from` says be heard by call `to`. Both ways make a conversation of two far ends;
/// `from` equal to `to` is an echo. Routes add to what the calls hear otherwise. Calls that are to hear
/// each other all, or not all, are a conference: sidetone_conference_create().
///
/// `gain_db`: -96 (silence) to 24. `request`: see "Requests".
/// Returns as sidetone_call_mute().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_route(engine, call, other_call, 0.0f, NULL);
/// sidetone_call_route(engine, other_call, call, 0.0f, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_route(struct sidetone_engine *engine,
                            uint64_t from,
                            uint64_t to,
                            float gain_db,
                            uint64_t *request);

/// Ends a route of sidetone_call_route(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_mute().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_unroute(engine, call, other_call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_unroute(struct sidetone_engine *engine,
                              uint64_t from,
                              uint64_t to,
                              uint64_t *request);

/// Sends DTMF digits, one after the other, behind those that are still to be sent.
///
/// `digits`, `length` (bytes, -1: ends with a NUL): of 0-9 * # A-D, ! for a hook flash, and , for a
/// pause of two seconds. `duration_ms`: of each digit, 40 to 6000; 0: 160. `request`: see "Requests";
/// the reply comes when the last digit was sent.
/// Returns as sidetone_call_mute(), SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_dtmf(engine, call, "1234#", -1, 0, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_dtmf(struct sidetone_engine *engine,
                           uint64_t call,
                           const char *digits,
                           int32_t length,
                           uint32_t duration_ms,
                           uint64_t *request);

/// How a call stands now. A call that ended answers until its last event was pulled.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_info info;
/// info.size = sizeof info;
/// if (sidetone_call_info_read(engine, call, &info) == SIDETONE_OK && info.srtp_suite != 0)
///   puts("this call is encrypted");
/// ```
SIDETONE_API
int32_t sidetone_call_info_read(struct sidetone_engine *engine,
                                uint64_t call,
                                struct sidetone_call_info *info);

/// A text of a call.
///
/// `which`: SIDETONE_CALL_TEXT_*. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`which`),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char uri[256];
/// sidetone_call_text_read(engine, call, SIDETONE_CALL_TEXT_REMOTE_URI, uri, sizeof uri, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_text_read(struct sidetone_engine *engine,
                                uint64_t call,
                                uint32_t which,
                                char *buffer,
                                uint32_t capacity,
                                uint32_t *needed);

/// The value of a header of the far end's latest INVITE or final response; the first of that name.
///
/// `name`, `length` (bytes, -1: ends with a NUL): without colon; case does not matter. `buffer`,
/// `capacity` (bytes), `needed`: see "Text"; `needed` gets 0 when there is no such header.
/// Returns SIDETONE_OK, also when there is none; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_INVALID_ARGUMENT (`length`), SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char value[128];
/// uint32_t needed = 0;
/// if (sidetone_call_header_read(engine, call, "X-Campaign", -1, value, sizeof value, &needed) ==
///         SIDETONE_OK && needed > 0)
///   puts(value);
/// ```
SIDETONE_API
int32_t sidetone_call_header_read(struct sidetone_engine *engine,
                                  uint64_t call,
                                  const char *name,
                                  int32_t length,
                                  char *buffer,
                                  uint32_t capacity,
                                  uint32_t *needed);

/// The ids of the live calls.
///
/// `calls`: gets at most `capacity` ids; may be NULL with `capacity` 0. `count`: gets how many there
/// are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL (as many as fit were stored),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t count = 0;
/// sidetone_call_list(engine, NULL, 0, &count);
/// ```
SIDETONE_API
int32_t sidetone_call_list(struct sidetone_engine *engine,
                           uint64_t *calls,
                           uint32_t capacity,
                           uint32_t *count);

/// Fills services with the defaults.
///
/// `services`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_services services;
/// sidetone_account_services_init(&services, sizeof services);
/// services.forward_busy.data = "sip:mailbox@example.com";
/// services.max_duration_s = 4 * 3600;
/// ```
SIDETONE_API
int32_t sidetone_account_services_init(struct sidetone_account_services *services,
                                       uint32_t size);

/// Replaces what an account does without asking, for calls that begin from now on. An account that
/// was given none has the defaults; sidetone_account_update() leaves them as they are.
///
/// `services`: copied.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_URI,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_account_services services;
/// sidetone_account_services_init(&services, sizeof services);
/// services.do_not_disturb = SIDETONE_DISTURB_BUSY;
/// sidetone_account_services_set(engine, account, &services);
/// ```
SIDETONE_API
int32_t sidetone_account_services_set(struct sidetone_engine *engine,
                                      uint64_t account,
                                      const struct sidetone_account_services *services);

/// Has the far end of a call call somebody else (blind transfer). How it goes is told by
/// SIDETONE_EVENT_TRANSFER; when the new call stands, this one ends.
///
/// `target`, `length` (bytes, -1: ends with a NUL): as for sidetone_call_dial(). `silent`: 1: the far
/// end is not to tell how it goes (RFC 4488), SIDETONE_TRANSFER_DONE comes when it has taken the
/// request; 0: it is. `request`: see "Requests"; the reply comes when the request is under way.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. The reply says
/// SIDETONE_ERR_WRONG_STATE for a call that is not connected.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_transfer(engine, call, "sip:carol@example.com", -1, 0, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_transfer(struct sidetone_engine *engine,
                               uint64_t call,
                               const char *target,
                               int32_t length,
                               uint32_t silent,
                               uint64_t *request);

/// Connects the far ends of two of our calls with each other (attended transfer). How it goes is
/// told by SIDETONE_EVENT_TRANSFER of `call`; when they are connected, both calls end.
///
/// `other`: the call whose far end `call`'s far end is connected with; both are connected.
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT (both are the same), SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN. The reply says SIDETONE_ERR_WRONG_STATE when one is not connected.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_transfer_to(engine, call, other_call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_transfer_to(struct sidetone_engine *engine,
                                  uint64_t call,
                                  uint64_t other,
                                  uint64_t *request);

/// Does what a far end asked for: calls whom SIDETONE_EVENT_TRANSFER (SIDETONE_TRANSFER_ASKED)
/// named. The call stays the host's; SIDETONE_EVENT_REPLACED tells when the other one is there.
/// There are 60 seconds to decide: then the transfer is refused with 603, and told as
/// SIDETONE_TRANSFER_FAILED. A far end that names a tel: URI means what a dial of it would call.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_TRANSFER && event.state == SIDETONE_TRANSFER_ASKED &&
///     (event.flags & SIDETONE_TRANSFER_FLAG_DECIDE) != 0)
///   sidetone_call_transfer_accept(engine, event.call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_transfer_accept(struct sidetone_engine *engine,
                                      uint64_t call,
                                      uint64_t *request);

/// Does not do what a far end asked for, which is told 603; the call goes on as it is.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_transfer_accept().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_transfer_reject(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_transfer_reject(struct sidetone_engine *engine,
                                      uint64_t call,
                                      uint64_t *request);

/// Sends the caller of an incoming call elsewhere with 302.
///
/// `target`, `length` (bytes, -1: ends with a NUL): as for sidetone_call_dial(). `request`: see
/// "Requests".
/// Returns as sidetone_call_transfer(). The reply says SIDETONE_ERR_WRONG_STATE for a call that we
/// placed, or that was answered.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_redirect(engine, event.call, "sip:carol@example.com", -1, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_redirect(struct sidetone_engine *engine,
                               uint64_t call,
                               const char *target,
                               int32_t length,
                               uint64_t *request);

/// Decides on a redirect that SIDETONE_EVENT_REDIRECTED asked about.
///
/// `follow`: 1: our call goes there; 0: it ends. `request`: see "Requests".
/// Returns as sidetone_call_transfer_accept(), SIDETONE_ERR_INVALID_ARGUMENT for another `follow`.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_REDIRECTED && event.state == 1)
///   sidetone_call_redirect_follow(engine, event.call, 1, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_redirect_follow(struct sidetone_engine *engine,
                                      uint64_t call,
                                      uint32_t follow,
                                      uint64_t *request);

/// Ends a call like sidetone_call_hangup(), with a Reason header that says why (RFC 3326).
///
/// `q850_cause`: 1 to 127, for instance 16 (normal) or 26 (answered elsewhere). `text`, `length`
/// (bytes, -1: ends with a NUL): for people; NULL for the usual words. `request`: see "Requests".
/// Returns as sidetone_call_hangup(), SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_hangup_with(engine, call, 16, NULL, 0, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_hangup_with(struct sidetone_engine *engine,
                                  uint64_t call,
                                  uint32_t q850_cause,
                                  const char *text,
                                  int32_t length,
                                  uint64_t *request);

/// Puts headers on our messages of a kind in this call from now on, in the place of earlier ones.
/// Those of a call's INVITE go with sidetone_dial_options.
///
/// `message`: SIDETONE_MESSAGE_*. `headers`: copied; NULL or none: nothing is added any more.
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (a header of the engine's own, a broken name),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_header note;
/// sidetone_headers list;
/// memset(&list, 0, sizeof list);
/// sidetone_header_set(&note, "X-Outcome", "sold");
/// list.data = &note;
/// list.count = 1;
/// sidetone_call_headers_set(engine, call, SIDETONE_MESSAGE_BYE, &list, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_headers_set(struct sidetone_engine *engine,
                                  uint64_t call,
                                  uint32_t message,
                                  const sidetone_headers *headers,
                                  uint64_t *request);

/// The value of a header of the far end's last message of a kind. Those of the message that ends a
/// call can be read until its last event was pulled: SIDETONE_CALL_ENDING comes before.
///
/// `message`: SIDETONE_MESSAGE_*. `name`, `length` (bytes, -1: ends with a NUL): without colon; case
/// does not matter. `index`: of several lines of that name, from 0. `buffer`, `capacity` (bytes),
/// `needed`: see "Text"; `needed` gets 0 when there is no such header, or no such message.
/// Returns SIDETONE_OK, also when there is none; SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char value[128];
/// uint32_t needed = 0;
/// sidetone_call_message_header_read(engine, call, SIDETONE_MESSAGE_BYE, "Reason", -1, 0, value,
///                                   sizeof value, &needed);
/// ```
SIDETONE_API
int32_t sidetone_call_message_header_read(struct sidetone_engine *engine,
                                          uint64_t call,
                                          uint32_t message,
                                          const char *name,
                                          int32_t length,
                                          uint32_t index,
                                          char *buffer,
                                          uint32_t capacity,
                                          uint32_t *needed);

/// What the INVITE of an incoming call tells of its caller and its way. Whether it can be believed is
/// for the account to say: the `from` of SIDETONE_EVENT_INCOMING_CALL is the asserted identity when
/// `trust_identity` of sidetone_account_services is set.
///
/// `which`: SIDETONE_IDENTITY_*. `index`: of several, from 0. `buffer`, `capacity` (bytes), `needed`:
/// see "Text"; `needed` gets 0 when there is none.
/// Returns as sidetone_call_message_header_read().
/// Threads: any. Since 0.1.
///
/// ```c
/// char who[256];
/// uint32_t needed = 0;
/// sidetone_call_identity_read(engine, call, SIDETONE_IDENTITY_DIVERSION, 0, who, sizeof who,
///                             &needed);
/// ```
SIDETONE_API
int32_t sidetone_call_identity_read(struct sidetone_engine *engine,
                                    uint64_t call,
                                    uint32_t which,
                                    uint32_t index,
                                    char *buffer,
                                    uint32_t capacity,
                                    uint32_t *needed);

/// What the caller of an incoming call wants withheld.
///
/// `privacy`: gets SIDETONE_PRIVACY_*, added up; 0: nothing was said.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t privacy = 0;
/// if (sidetone_call_privacy_read(engine, call, &privacy) == SIDETONE_OK &&
///     (privacy & SIDETONE_PRIVACY_ID) != 0)
///   puts("the caller is withheld");
/// ```
SIDETONE_API
int32_t sidetone_call_privacy_read(struct sidetone_engine *engine,
                                   uint64_t call,
                                   uint32_t *privacy);

/// Sends 183 Session Progress with our description for an incoming call, so that media runs before
/// the answer: what is played into the call is heard by the caller. Without an offer in the INVITE,
/// and where the caller cannot acknowledge one of ours, 180 goes out instead.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN. The reply says SIDETONE_ERR_WRONG_STATE for a call that
/// we placed or have answered.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_INCOMING_CALL)
///   sidetone_call_progress(engine, event.call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_progress(struct sidetone_engine *engine,
                               uint64_t call,
                               uint64_t *request);

/// Puts the far end on hold: it hears the music on hold or silence, and the user no longer hears it.
/// Both at once, and the far end is asked to agree by re-INVITE (UPDATE before the answer);
/// SIDETONE_EVENT_HOLD tells when it has. A call that does not stand yet is held as soon as it does.
///
/// `request`: see "Requests"; the reply comes with the far end's answer: SIDETONE_ERR_REFUSED when it
/// would not, SIDETONE_ERR_WRONG_STATE when the call was over.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_hold(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_hold(struct sidetone_engine *engine,
                           uint64_t call,
                           uint64_t *request);

/// Takes the far end off hold. Where it holds us too, media comes back when it has resumed as well.
///
/// `request`: see "Requests"; the reply comes with the far end's answer.
/// Returns as sidetone_call_hold().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_resume(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_resume(struct sidetone_engine *engine,
                             uint64_t call,
                             uint64_t *request);

/// Chooses what the far end of this call hears while it is held, in the place of the account's
/// `hold_music`. It is repeated for as long as the hold lasts.
///
/// `path`, `length` (bytes, -1: ends with a NUL): a WAV file, which is read before this function is
/// back; NULL or empty: silence. `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_FILE_OPEN, SIDETONE_ERR_FILE_FORMAT, SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (sidetone_call_hold_music(engine, call, "wait.wav", -1, NULL) == SIDETONE_OK)
///   sidetone_call_hold(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_hold_music(struct sidetone_engine *engine,
                                 uint64_t call,
                                 const char *path,
                                 int32_t length,
                                 uint64_t *request);

/// Makes a conference: calls that are added to it hear each other. Our own user is heard by every call
/// and hears every call, in a conference or not, where the engine has a microphone and a loudspeaker
/// (sidetone_audio_select()); sidetone_conference_gain() turns them down in it. A file for everybody
/// is played into each of its calls.
///
/// `conference`: gets the id, SIDETONE_ID_NONE on failure; it lives until
/// sidetone_conference_destroy(), with calls or without.
/// Returns SIDETONE_OK; SIDETONE_ERR_LIMIT (as many as `max_calls`), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// if (sidetone_conference_create(engine, &conference) == SIDETONE_OK) {
///   sidetone_conference_add(engine, conference, call, NULL);
///   sidetone_conference_add(engine, conference, other_call, NULL);
/// }
/// ```
SIDETONE_API
int32_t sidetone_conference_create(struct sidetone_engine *engine,
                                   uint64_t *conference);

/// Ends a conference. The calls that are in it go on, each alone with our user; hang them up where
/// they are to end, too.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_destroy(engine, conference, NULL);
/// ```
SIDETONE_API
int32_t sidetone_conference_destroy(struct sidetone_engine *engine,
                                    uint64_t conference,
                                    uint64_t *request);

/// Lets a call and the calls of a conference hear each other, each with the gain that is set for the
/// pair. It need not be answered: it takes part as soon as it has media. It leaves by itself when it
/// ends, and a hold parts it from the others as from our user. A call is in one conference at most;
/// added again, nothing changes. Between its calls use no sidetone_call_route().
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is in another
/// conference, or over; after SIDETONE_ERR_BUSY add it again.
/// Returns as sidetone_conference_destroy().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_add(engine, conference, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_conference_add(struct sidetone_engine *engine,
                                uint64_t conference,
                                uint64_t call,
                                uint64_t *request);

/// Takes a call out of a conference; it goes on, and the gains that were set for it are forgotten.
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is not in it.
/// Returns as sidetone_conference_destroy().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_add(engine, conference, call, NULL);
/// sidetone_conference_remove(engine, conference, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_conference_remove(struct sidetone_engine *engine,
                                   uint64_t conference,
                                   uint64_t call,
                                   uint64_t *request);

/// Sets how loud `to` hears `from` in a conference; within 20 ms. The other way keeps its own gain. So
/// a supervisor who is to whisper has a gain of -INFINITY towards the customer, one who only listens
/// towards everybody, and one who barges in has none. What is set for a call before it is added holds
/// from its first sample on.
///
/// `from`, `to`: calls, or SIDETONE_ID_NONE for our own user (`from`: the microphone, `to`: the
/// loudspeaker); not both the same. `gain_db`: -96 to 24, 0 at first; -96 and -INFINITY are silence.
/// `request`: see "Requests".
/// Returns as sidetone_conference_destroy(), SIDETONE_ERR_INVALID_ARGUMENT.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_gain(engine, conference, other_call, call, -96.0f, NULL);
/// sidetone_conference_add(engine, conference, call, NULL);
/// sidetone_conference_add(engine, conference, other_call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_conference_gain(struct sidetone_engine *engine,
                                 uint64_t conference,
                                 uint64_t from,
                                 uint64_t to,
                                 float gain_db,
                                 uint64_t *request);

/// The ids of the calls of a conference, in the order in which they were added.
///
/// `calls`: gets at most `capacity` ids; may be NULL with `capacity` 0. `count`: gets how many
/// there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL (as many as fit were stored), SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// uint64_t conference, calls[16];
/// uint32_t count = 0;
/// sidetone_conference_create(engine, &conference);
/// sidetone_conference_calls(engine, conference, calls, 16, &count);
/// ```
SIDETONE_API
int32_t sidetone_conference_calls(struct sidetone_engine *engine,
                                  uint64_t conference,
                                  uint64_t *calls,
                                  uint32_t capacity,
                                  uint32_t *count);

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_play_options options;
/// sidetone_play_options_init(&options, sizeof options);
/// options.repeat = 1;
/// ```
SIDETONE_API
int32_t sidetone_play_options_init(struct sidetone_play_options *options,
                                   uint32_t size);

/// Plays a WAV file into a call: the far end hears it, with the microphone. One that is playing
/// already ends. SIDETONE_EVENT_PLAY_FINISHED follows.
///
/// `path`, `length` (bytes, -1: ends with a NUL): PCM of 8, 16, 24 or 32 bits or float, any rate.
/// `options`: NULL for the defaults. `request`: see "Requests"; the reply comes when it plays.
/// Returns SIDETONE_OK; SIDETONE_ERR_FILE_OPEN, SIDETONE_ERR_FILE_FORMAT, SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_play(engine, call, "announcement.wav", -1, NULL, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_play(struct sidetone_engine *engine,
                           uint64_t call,
                           const char *path,
                           int32_t length,
                           const struct sidetone_play_options *options,
                           uint64_t *request);

/// Ends the playing of sidetone_call_play(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_play_stop(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_play_stop(struct sidetone_engine *engine,
                                uint64_t call,
                                uint64_t *request);

/// Records a call to a stereo WAV file: near end left, far end right. The file can be played at any
/// moment, also after a crash. A disk that is slow or full harms no call: what is lost then is told by
/// the event at the end. It ends with the call or with sidetone_call_record_stop(), and then
/// SIDETONE_EVENT_RECORD_FINISHED follows.
///
/// `path`, `length` (bytes, -1: ends with a NUL): replaced when it exists. `request`: see "Requests";
/// the reply says SIDETONE_ERR_FILE_OPEN when the file cannot be created.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_record(engine, call, "call.wav", -1, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_record(struct sidetone_engine *engine,
                             uint64_t call,
                             const char *path,
                             int32_t length,
                             uint64_t *request);

/// Pauses the recording of sidetone_call_record(), for instance while a card number is said: what is
/// said until sidetone_call_record_resume() never comes near the file. The file goes on right behind
/// what was before, with a mark there (a cue point, its text "paused for 12.30 s") that audio editors
/// show. SIDETONE_EVENT_RECORD_PAUSED follows when it is so; what is to be left out may be said then.
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is not recorded.
/// Paused already: nothing happens, and no event comes.
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// sidetone_call_record_pause(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_record_pause(struct sidetone_engine *engine,
                                   uint64_t call,
                                   uint64_t *request);

/// Goes on with a recording that is paused. SIDETONE_EVENT_RECORD_PAUSED follows, with `state` 0.
///
/// `request`: see "Requests"; the reply says SIDETONE_ERR_WRONG_STATE for a call that is not recorded.
/// Not paused: nothing happens, and no event comes.
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// sidetone_call_record_resume(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_record_resume(struct sidetone_engine *engine,
                                    uint64_t call,
                                    uint64_t *request);

/// Ends the recording of sidetone_call_record(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_record_stop(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_record_stop(struct sidetone_engine *engine,
                                  uint64_t call,
                                  uint64_t *request);

/// Writes every RTP and RTCP datagram of a call, as it is on the wire, and its SIP messages to a
/// PCAP file, until the call ends or sidetone_call_capture_stop().
///
/// `path`, `length` (bytes, -1: ends with a NUL): replaced when it exists. `request`: see "Requests".
/// Returns as sidetone_call_record().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_capture(engine, call, "call.pcap", -1, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_capture(struct sidetone_engine *engine,
                              uint64_t call,
                              const char *path,
                              int32_t length,
                              uint64_t *request);

/// Ends the capture of sidetone_call_capture(). None there: nothing happens.
///
/// `request`: see "Requests".
/// Returns as sidetone_call_play_stop().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_capture_stop(engine, call, NULL);
/// ```
SIDETONE_API
int32_t sidetone_call_capture_stop(struct sidetone_engine *engine,
                                   uint64_t call,
                                   uint64_t *request);

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_tap_options options;
/// sidetone_tap_options_init(&options, sizeof options);
/// options.direction = SIDETONE_TAP_SENT;
/// ```
SIDETONE_API int32_t sidetone_tap_options_init(struct sidetone_tap_options *options, uint32_t size);

/// Taps a call: one way of its audio as frames of 16-bit mono PCM, at a rate of the host's choice.
/// The tap is a clock: from when the call has media (a call that was dialled: once its far end was
/// found) to its end there is a frame for every 10 or 20 ms, silence when nothing is received. It
/// goes on through hold and changes of codec. Several taps of a call do not know of each other; one
/// that is not read loses frames of its own and disturbs nothing else.
///
/// `options`: NULL for the defaults. `tap`: gets the tap, SIDETONE_ID_NONE on failure; it lives until
/// sidetone_tap_close(), also when the call is over.
/// Returns SIDETONE_OK; SIDETONE_ERR_LIMIT (8 taps of one call), SIDETONE_ERR_ENDED,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// if (sidetone_tap_open(engine, call, NULL, &tap) == SIDETONE_OK)
///   sidetone_tap_close(engine, tap);
/// ```
SIDETONE_API
int32_t sidetone_tap_open(struct sidetone_engine *engine,
                          uint64_t call,
                          const struct sidetone_tap_options *options,
                          uint64_t *tap);

/// Takes the next frame of a tap. It never makes the call wait, nor another tap. A host that does not
/// read for longer than `buffer_ms` loses the newest frames: what waits stays, and the first frame
/// after the gap says in `dropped` how many are missing before it.
///
/// `samples`, `capacity` (samples): get the frame; SIDETONE_TAP_SAMPLES_MAX is enough for each.
/// `timeout_ms`: how long to wait; 0: not at all, -1: for ever (sidetone_wake() does not end it; the
/// end of the call does, sidetone_tap_close() and the end of the engine). A host without a thread
/// for it reads with 0, for instance every 20 ms, until nothing is left. `frame`: `size` set by the
/// host, the rest by this function.
/// Returns SIDETONE_OK with a frame; SIDETONE_ERR_TIMEOUT when none came (the error text stays as it
/// was), SIDETONE_ERR_ENDED when the call is over and all was read, SIDETONE_ERR_TOO_SMALL (nothing
/// is taken; `frame->samples` says how many there are), SIDETONE_ERR_STALE_ID (closed),
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any; of several that read one tap each gets frames of its own. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// int16_t samples[SIDETONE_TAP_SAMPLES_MAX];
/// sidetone_tap_frame frame;
/// frame.size = sizeof frame;
/// sidetone_tap_open(engine, call, NULL, &tap);
/// while (sidetone_tap_read(engine, tap, samples, SIDETONE_TAP_SAMPLES_MAX, 1000, &frame) ==
///        SIDETONE_OK)
///   printf("%u samples at %llu\n", (unsigned)frame.samples, (unsigned long long)frame.timestamp);
/// sidetone_tap_close(engine, tap);
/// ```
SIDETONE_API
int32_t sidetone_tap_read(struct sidetone_engine *engine,
                          uint64_t tap,
                          int16_t *samples,
                          uint32_t capacity,
                          int32_t timeout_ms,
                          struct sidetone_tap_frame *frame);

/// How a tap does; after the end of its call, too.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// sidetone_tap_info info;
/// info.size = sizeof info;
/// sidetone_tap_open(engine, call, NULL, &tap);
/// if (sidetone_tap_info_read(engine, tap, &info) == SIDETONE_OK && info.dropped > 0)
///   printf("%llu frames lost\n", (unsigned long long)info.dropped);
/// ```
SIDETONE_API
int32_t sidetone_tap_info_read(struct sidetone_engine *engine,
                               uint64_t tap,
                               struct sidetone_tap_info *info);

/// Ends a tap; what waits in it is thrown away, and a read that waits for it ends with
/// SIDETONE_ERR_STALE_ID.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t tap;
/// sidetone_tap_open(engine, call, NULL, &tap);
/// sidetone_tap_close(engine, tap);
/// ```
SIDETONE_API int32_t sidetone_tap_close(struct sidetone_engine *engine, uint64_t tap);

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_inject_options options;
/// sidetone_inject_options_init(&options, sizeof options);
/// options.sample_rate_hz = 24000;
/// ```
SIDETONE_API
int32_t sidetone_inject_options_init(struct sidetone_inject_options *options,
                                     uint32_t size);

/// Opens a source of audio in a call, to which the host writes 16-bit mono PCM. It is mixed with
/// whatever else is heard there: the microphone goes on beside it, and sidetone_call_mute() mutes the
/// microphone only, so a program that is to speak in its place mutes. The gains of
/// sidetone_call_gain() hold for it as for the rest of what is sent. What is written for the far end
/// waits until the call has media.
///
/// `options`: NULL for the defaults. `injection`: gets the injection, SIDETONE_ID_NONE on failure; it
/// lives until sidetone_inject_close(), also when the call is over.
/// Returns SIDETONE_OK; SIDETONE_ERR_LIMIT (8 injections of one call), SIDETONE_ERR_ENDED,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection;
/// if (sidetone_inject_open(engine, call, NULL, &injection) == SIDETONE_OK)
///   sidetone_call_mute(engine, call, 1, NULL);
/// ```
SIDETONE_API
int32_t sidetone_inject_open(struct sidetone_engine *engine,
                             uint64_t call,
                             const struct sidetone_inject_options *options,
                             uint64_t *injection);

/// Queues samples behind those that wait, as many as there is room for. It never waits. What is
/// queued is played at the pace of the call, 10 ms at a time; a source that makes its samples as they
/// are needed writes ahead by as much as it may be late.
///
/// `samples`, `count`: any number, 0 too. `written`: gets how many were taken; NULL: not wanted. The
/// rest can be given again later, sidetone_inject_info_read() says when there is room.
/// Returns SIDETONE_OK, also when not all were taken; SIDETONE_ERR_ENDED (the call is over),
/// SIDETONE_ERR_STALE_ID (closed), SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_INVALID_ARGUMENT (samples at
/// an odd address), SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any; the samples of one call stay together. Since 0.1.
///
/// ```c
/// static const int16_t silence[1600] = {0};
/// uint64_t injection;
/// uint32_t written;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// sidetone_inject_write(engine, injection, silence, 1600, &written);
/// ```
SIDETONE_API
int32_t sidetone_inject_write(struct sidetone_engine *engine,
                              uint64_t injection,
                              const int16_t *samples,
                              uint32_t count,
                              uint32_t *written);

/// Throws away what was written and not yet played: the far end interrupts. What has left the queue
/// (10 ms, and what a packet holds) is still heard; what is written afterwards is played next.
///
/// `flushed`: gets how many samples were thrown away; NULL: not wanted.
/// Returns SIDETONE_OK; SIDETONE_ERR_ENDED, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection, flushed;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// if (sidetone_inject_flush(engine, injection, &flushed) == SIDETONE_OK)
///   printf("%llu samples were not heard\n", (unsigned long long)flushed);
/// ```
SIDETONE_API
int32_t sidetone_inject_flush(struct sidetone_engine *engine,
                              uint64_t injection,
                              uint64_t *flushed);

/// How an injection does; after the end of its call, too.
///
/// `info`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection;
/// sidetone_inject_info info;
/// info.size = sizeof info;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// if (sidetone_inject_info_read(engine, injection, &info) == SIDETONE_OK && info.queued == 0)
///   puts("all was said");
/// ```
SIDETONE_API
int32_t sidetone_inject_info_read(struct sidetone_engine *engine,
                                  uint64_t injection,
                                  struct sidetone_inject_info *info);

/// Ends an injection; what waits in it is thrown away. To have all of it heard, close it when
/// `queued` is 0.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t injection;
/// sidetone_inject_open(engine, call, NULL, &injection);
/// sidetone_inject_close(engine, injection);
/// ```
SIDETONE_API int32_t sidetone_inject_close(struct sidetone_engine *engine, uint64_t injection);

/// Sends an instant message.
///
/// `from`: an account; SIDETONE_ID_NONE for a message straight to an address; or a call that is
/// connected, in whose dialog the message goes. `uri`, `uri_length` (bytes, -1: ends with a NUL): as
/// in sidetone_call_dial(); not looked at for a call. `content_type`, `type_length`: media type;
/// NULL: "text/plain;charset=utf-8". `body`: `bytes` octets, 0 to SIDETONE_BODY_MAX.
/// `request`: see "Requests"; the reply comes with the final answer: done when the message was
/// delivered (202: when somebody took it to deliver it), with `sip_code`.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t request;
/// const char *text = "lunch?";
/// sidetone_message_send(engine, account, "bob", -1, NULL, 0, text, (uint32_t)strlen(text),
///                       &request);
/// ```
SIDETONE_API
int32_t sidetone_message_send(struct sidetone_engine *engine,
                              uint64_t from,
                              const char *uri,
                              int32_t uri_length,
                              const char *content_type,
                              int32_t type_length,
                              const void *body,
                              uint32_t bytes,
                              uint64_t *request);

/// Fills a request with the defaults: nothing in it.
///
/// `sip`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_sip_request sip;
/// sidetone_sip_request_init(&sip, sizeof sip);
/// sip.method.data = "OPTIONS";
/// ```
SIDETONE_API int32_t sidetone_sip_request_init(struct sidetone_sip_request *sip, uint32_t size);

/// Fills an answer with the defaults: 200 without a body.
///
/// `answer`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_sip_answer answer;
/// sidetone_sip_answer_init(&answer, sizeof answer);
/// answer.sip_code = 488;
/// ```
SIDETONE_API int32_t sidetone_sip_answer_init(struct sidetone_sip_answer *answer, uint32_t size);

/// Sends a request of any method.
///
/// `from`: an account; SIDETONE_ID_NONE for a request straight to an address; or a call that is
/// connected, in whose dialog the request goes. `uri`, `length` (bytes, -1: ends with a NUL): as in
/// sidetone_call_dial(); not looked at for a call. `sip`: method, headers and body.
/// `request`: see "Requests"; the reply comes with the final response: `sip_code`, `text`,
/// `content_type`, `body`, `headers`.
/// Returns as sidetone_message_send(), SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t request;
/// sidetone_sip_request sip;
/// sidetone_sip_request_init(&sip, sizeof sip);
/// sip.method.data = "INFO";
/// sip.content_type.data = "application/x-lamp";
/// sip.body.data = "on";
/// sidetone_request_send(engine, call, NULL, 0, &sip, &request);
/// ```
SIDETONE_API
int32_t sidetone_request_send(struct sidetone_engine *engine,
                              uint64_t from,
                              const char *uri,
                              int32_t length,
                              const struct sidetone_sip_request *sip,
                              uint64_t *request);

/// Answers a request that came as SIDETONE_EVENT_REQUEST. One that is not answered within 32 T1
/// (16 s) gets 500.
///
/// `transaction`: that of the event. `answer`: NULL for 200 without a body. `request`: see
/// "Requests"; the reply says whether the far end still waited.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID (answered already), SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_REQUEST)
///   sidetone_request_answer(engine, event.transaction, NULL, NULL);
/// ```
SIDETONE_API
int32_t sidetone_request_answer(struct sidetone_engine *engine,
                                uint64_t transaction,
                                const struct sidetone_sip_answer *answer,
                                uint64_t *request);

/// Counts the parts of a body. One that is not multipart has none.
///
/// `content_type`, `length` (bytes, -1: ends with a NUL): Content-Type with its boundary. `body`:
/// `bytes` octets. `count`: gets how many parts there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t count = 0;
/// sidetone_multipart_count(event.content_type.data, -1, event.body.data,
///                          (uint32_t)event.body.length, &count);
/// ```
SIDETONE_API
int32_t sidetone_multipart_count(const char *content_type,
                                 int32_t length,
                                 const void *body,
                                 uint32_t bytes,
                                 uint32_t *count);

/// Finds one part of a body: where its content stands, and a header of it.
///
/// `content_type`, `length`, `body`, `bytes`: as in sidetone_multipart_count(). `index`: from 0.
/// `offset`, `part_bytes`: get where the content begins in `body`, and its length; NULL for either.
/// `name`, `name_length`: a header of the part, "Content-Type" for its media type; NULL for none.
/// `buffer`, `capacity`, `needed`: the header's value, see "Text"; empty when the part has none.
/// Returns as sidetone_multipart_count(), SIDETONE_ERR_INVALID_ARGUMENT for an index beyond the last
/// part; SIDETONE_ERR_TOO_SMALL.
/// Threads: any. Since 0.1.
///
/// ```c
/// char media_type[128];
/// uint32_t offset = 0, bytes = 0;
/// sidetone_multipart_read(event.content_type.data, -1, event.body.data,
///                         (uint32_t)event.body.length, 0, &offset, &bytes, "Content-Type", -1,
///                         media_type, sizeof media_type, NULL);
/// ```
SIDETONE_API
int32_t sidetone_multipart_read(const char *content_type,
                                int32_t length,
                                const void *body,
                                uint32_t bytes,
                                uint32_t index,
                                uint32_t *offset,
                                uint32_t *part_bytes,
                                const char *name,
                                int32_t name_length,
                                char *buffer,
                                uint32_t capacity,
                                uint32_t *needed);

/// Puts parts together to a body of the type multipart/mixed, with a boundary that none of them has.
///
/// `parts`: `count` of them, 1 to SIDETONE_BODY_PARTS_MAX. `type_buffer`, `type_capacity`: get the
/// Content-Type with the boundary; 64 bytes are enough. `body`, `capacity`: get the body, without a
/// NUL. `needed`, if not NULL, gets the size of the body; with NULL and 0 for `body` and `capacity`
/// it is only asked for.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NOT_UTF8.
/// Threads: any. Since 0.1.
///
/// ```c
/// char media_type[64], body[1024];
/// uint32_t bytes = 0;
/// sidetone_body_part parts[2];
/// sidetone_body_part_set(&parts[0], "text/plain", "see the map", -1);
/// sidetone_body_part_set(&parts[1], "application/x-map", "52.5,13.4", -1);
/// sidetone_multipart_write(parts, 2, media_type, sizeof media_type, body, sizeof body, &bytes);
/// ```
SIDETONE_API
int32_t sidetone_multipart_write(const sidetone_body_part *parts,
                                 uint32_t count,
                                 char *type_buffer,
                                 uint32_t type_capacity,
                                 void *body,
                                 uint32_t capacity,
                                 uint32_t *needed);

/// Fills options with the defaults.
///
/// `options`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_subscription_options options;
/// sidetone_subscription_options_init(&options, sizeof options);
/// options.package = SIDETONE_PACKAGE_PRESENCE;
/// ```
SIDETONE_API
int32_t sidetone_subscription_options_init(struct sidetone_subscription_options *options,
                                           uint32_t size);

/// Watches somebody, or a mailbox. The subscription is kept up, and begun anew after failures, until
/// sidetone_subscription_remove(). Its changes are SIDETONE_EVENT_SUBSCRIPTION, what it tells
/// SIDETONE_EVENT_MESSAGE_WAITING, SIDETONE_EVENT_LAMP, SIDETONE_EVENT_PRESENCE or
/// SIDETONE_EVENT_NOTIFY. Where a proxy asks several far ends, the first that tells something is
/// watched; the others are refused (481), so that they stop.
///
/// `account`: who watches, or SIDETONE_ID_NONE. `uri`, `length` (bytes, -1: ends with a NUL): as in
/// sidetone_call_dial(). `options`: NULL for the defaults, a busy lamp. `subscription`: gets the id.
/// `request`: see "Requests"; the reply comes when the subscription stands, or does not.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_URI, SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_LIMIT (max_subscriptions), SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t lamp = SIDETONE_ID_NONE;
/// sidetone_subscription_add(engine, account, "201", -1, NULL, &lamp, NULL);
/// ```
SIDETONE_API
int32_t sidetone_subscription_add(struct sidetone_engine *engine,
                                  uint64_t account,
                                  const char *uri,
                                  int32_t length,
                                  const struct sidetone_subscription_options *options,
                                  uint64_t *subscription,
                                  uint64_t *request);

/// Refreshes a subscription at once; begins one anew that has ended.
///
/// `request`: see "Requests".
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// if (event.kind == SIDETONE_EVENT_SUBSCRIPTION && event.state == SIDETONE_SUBSCRIPTION_ENDED)
///   sidetone_subscription_refresh(engine, event.subscription, NULL);
/// ```
SIDETONE_API
int32_t sidetone_subscription_refresh(struct sidetone_engine *engine,
                                      uint64_t subscription,
                                      uint64_t *request);

/// Takes a subscription back. Its id is stale at once, and no event of it follows but those that
/// wait already.
///
/// `request`: see "Requests"; the reply comes when the far end knows.
/// Returns as sidetone_subscription_refresh().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_subscription_remove(engine, event.subscription, NULL);
/// ```
SIDETONE_API
int32_t sidetone_subscription_remove(struct sidetone_engine *engine,
                                     uint64_t subscription,
                                     uint64_t *request);

/// Reads how a subscription stands, and what it told last.
///
/// `info`: `size` set by the host.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_subscription_info info;
/// info.size = sizeof info;
/// sidetone_subscription_info_read(engine, event.subscription, &info);
/// ```
SIDETONE_API
int32_t sidetone_subscription_info_read(struct sidetone_engine *engine,
                                        uint64_t subscription,
                                        struct sidetone_subscription_info *info);

/// Reads a text of a subscription.
///
/// `which`: SIDETONE_SUBSCRIPTION_TEXT_*. `buffer`, `capacity`, `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND,
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char note[200];
/// sidetone_subscription_text_read(engine, event.subscription, SIDETONE_SUBSCRIPTION_TEXT_NOTE,
///                                 note, sizeof note, NULL);
/// ```
SIDETONE_API
int32_t sidetone_subscription_text_read(struct sidetone_engine *engine,
                                        uint64_t subscription,
                                        uint32_t which,
                                        char *buffer,
                                        uint32_t capacity,
                                        uint32_t *needed);

/// Lists the subscriptions that were not removed.
///
/// `array`: gets up to `capacity` ids; NULL with 0. `count`: gets how many there are.
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t watched[100];
/// uint32_t count = 0;
/// sidetone_subscription_list(engine, watched, 100, &count);
/// ```
SIDETONE_API
int32_t sidetone_subscription_list(struct sidetone_engine *engine,
                                   uint64_t *array,
                                   uint32_t capacity,
                                   uint32_t *count);

/// Reads one dialog of somebody who is watched.
///
/// `index`: from 0 to less than `dialogs` of sidetone_subscription_info. `dialog`: `size` set by the
/// host.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (no such dialog), SIDETONE_ERR_STALE_ID,
/// SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_watched_dialog dialog;
/// dialog.size = sizeof dialog;
/// sidetone_subscription_dialog_read(engine, event.subscription, 0, &dialog);
/// ```
SIDETONE_API
int32_t sidetone_subscription_dialog_read(struct sidetone_engine *engine,
                                          uint64_t subscription,
                                          uint32_t index,
                                          struct sidetone_watched_dialog *dialog);

/// Reads a text of a dialog of somebody who is watched.
///
/// `index`: as in sidetone_subscription_dialog_read(). `which`: SIDETONE_DIALOG_TEXT_*. `buffer`,
/// `capacity`, `needed`: see "Text".
/// Returns as sidetone_subscription_dialog_read(), SIDETONE_ERR_TOO_SMALL.
/// Threads: any. Since 0.1.
///
/// ```c
/// char caller[200];
/// sidetone_subscription_dialog_text_read(engine, event.subscription, 0,
///                                        SIDETONE_DIALOG_TEXT_REMOTE_URI, caller, sizeof caller,
///                                        NULL);
/// ```
SIDETONE_API
int32_t sidetone_subscription_dialog_text_read(struct sidetone_engine *engine,
                                               uint64_t subscription,
                                               uint32_t index,
                                               uint32_t which,
                                               char *buffer,
                                               uint32_t capacity,
                                               uint32_t *needed);

/// Fills a presence with the defaults: can be reached, nothing else is said.
///
/// `presence`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_presence presence;
/// sidetone_presence_init(&presence, sizeof presence);
/// presence.note.data = "back at five";
/// ```
SIDETONE_API int32_t sidetone_presence_init(struct sidetone_presence *presence, uint32_t size);

/// Publishes the presence of an account. It is refreshed until sidetone_publication_remove(); its
/// changes are SIDETONE_EVENT_PUBLICATION.
///
/// `publication`: gets the id. `request`: see "Requests"; the reply comes when the server has it, or
/// refuses.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_LIMIT (max_subscriptions),
/// SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t publication = SIDETONE_ID_NONE;
/// sidetone_presence presence;
/// sidetone_presence_init(&presence, sizeof presence);
/// presence.activity.data = "on-the-phone";
/// sidetone_presence_publish(engine, account, &presence, &publication, NULL);
/// ```
SIDETONE_API
int32_t sidetone_presence_publish(struct sidetone_engine *engine,
                                  uint64_t account,
                                  const struct sidetone_presence *presence,
                                  uint64_t *publication,
                                  uint64_t *request);

/// Publishes another presence in the place of the one before.
///
/// `publication`: that of sidetone_presence_publish(). `request`: see "Requests".
/// Returns as sidetone_presence_publish().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_presence presence;
/// sidetone_presence_init(&presence, sizeof presence);
/// presence.open = 0;
/// sidetone_presence_update(engine, event.publication, &presence, NULL);
/// ```
SIDETONE_API
int32_t sidetone_presence_update(struct sidetone_engine *engine,
                                 uint64_t publication,
                                 const struct sidetone_presence *presence,
                                 uint64_t *request);

/// Publishes event state of any package under an account. It is refreshed until
/// sidetone_publication_remove().
///
/// `event`, `event_length` (bytes, -1: ends with a NUL): the package, "presence" say.
/// `content_type`, `type_length`: media type of the body. `body`: `bytes` octets, 1 to
/// SIDETONE_BODY_MAX. `publication`: gets the id. `request`: see "Requests".
/// Returns as sidetone_presence_publish().
/// Threads: any. Since 0.1.
///
/// ```c
/// uint64_t publication = SIDETONE_ID_NONE;
/// sidetone_publication_add(engine, account, "x-lamp", -1, "text/plain", -1, "on", 2, &publication,
///                          NULL);
/// ```
SIDETONE_API
int32_t sidetone_publication_add(struct sidetone_engine *engine,
                                 uint64_t account,
                                 const char *event,
                                 int32_t event_length,
                                 const char *content_type,
                                 int32_t type_length,
                                 const void *body,
                                 uint32_t bytes,
                                 uint64_t *publication,
                                 uint64_t *request);

/// Publishes another state of any package in the place of the one before.
///
/// `content_type`, `type_length`, `body`, `bytes`: as in sidetone_publication_add(). `request`: see
/// "Requests".
/// Returns as sidetone_presence_publish().
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_publication_update(engine, event.publication, "text/plain", -1, "off", 3, NULL);
/// ```
SIDETONE_API
int32_t sidetone_publication_update(struct sidetone_engine *engine,
                                    uint64_t publication,
                                    const char *content_type,
                                    int32_t type_length,
                                    const void *body,
                                    uint32_t bytes,
                                    uint64_t *request);

/// Removes what is published. Its id is stale at once, and no event of it follows but those that
/// wait already.
///
/// `request`: see "Requests"; the reply comes when the server knows.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_BUSY, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_publication_remove(engine, event.publication, NULL);
/// ```
SIDETONE_API
int32_t sidetone_publication_remove(struct sidetone_engine *engine,
                                    uint64_t publication,
                                    uint64_t *request);

/// Fills a description with the defaults: headless.
///
/// `audio`: gets `size` bytes. `size`: sizeof of the struct.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_STRUCT_SIZE.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_audio audio;
/// sidetone_audio_init(&audio, sizeof audio);
/// audio.kind = SIDETONE_AUDIO_WAV;
/// audio.microphone.data = "speech.wav";
/// audio.loudspeaker.data = "heard.wav";
/// ```
SIDETONE_API int32_t sidetone_audio_init(struct sidetone_audio *audio, uint32_t size);

/// Chooses how audio reaches the user. Calls that are up change over.
///
/// `audio`: copied. `request`: see "Requests"; the reply comes when the choice stands, with the
/// error when a device or file cannot be opened.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NOT_UTF8, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_UNSUPPORTED (built without sound
/// cards), SIDETONE_ERR_FILE_OPEN, SIDETONE_ERR_FILE_FORMAT, SIDETONE_ERR_BUSY,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_audio audio;
/// sidetone_audio_init(&audio, sizeof audio);
/// audio.kind = SIDETONE_AUDIO_DEVICES;
/// sidetone_audio_select(engine, &audio, NULL);
/// ```
SIDETONE_API
int32_t sidetone_audio_select(struct sidetone_engine *engine,
                              const struct sidetone_audio *audio,
                              uint64_t *request);

/// Levels at the sound card now. Reading often is cheap.
///
/// `levels`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_audio_levels levels;
/// levels.size = sizeof levels;
/// if (sidetone_audio_levels_read(engine, &levels) == SIDETONE_OK && levels.valid)
///   printf("microphone %.0f dB\n", levels.microphone_db);
/// ```
SIDETONE_API
int32_t sidetone_audio_levels_read(struct sidetone_engine *engine,
                                   struct sidetone_audio_levels *levels);

/// Looks the sound cards up, and keeps the list in the engine until the next call. Waits for the
/// system, at most five seconds.
///
/// `count`: gets how many there are; they are read by index, 0 to `count` - 1.
/// Returns SIDETONE_OK; SIDETONE_ERR_UNSUPPORTED (built without sound cards), SIDETONE_ERR_TIMEOUT,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// uint32_t count = 0;
/// if (sidetone_device_list(engine, &count) == SIDETONE_OK)
///   printf("%u sound cards\n", (unsigned)count);
/// ```
SIDETONE_API int32_t sidetone_device_list(struct sidetone_engine *engine, uint32_t *count);

/// What a sound card of the list can do.
///
/// `index`: in the list of the latest sidetone_device_list(). `info`: `size` set by the host.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (`index`), SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_device_info info;
/// info.size = sizeof info;
/// if (sidetone_device_info_read(engine, 0, &info) == SIDETONE_OK &&
///     (info.flags & SIDETONE_DEVICE_DEFAULT_CAPTURE))
///   puts("the first one is the default microphone");
/// ```
SIDETONE_API
int32_t sidetone_device_info_read(struct sidetone_engine *engine,
                                  uint32_t index,
                                  struct sidetone_device_info *info);

/// A text of a sound card of the list.
///
/// `index`: in the list of the latest sidetone_device_list(). `which`: SIDETONE_DEVICE_TEXT_*.
/// `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`index`, `which`),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// char name[256];
/// if (sidetone_device_text_read(engine, 0, SIDETONE_DEVICE_TEXT_NAME, name, sizeof name, NULL) ==
///     SIDETONE_OK)
///   puts(name);
/// ```
SIDETONE_API
int32_t sidetone_device_text_read(struct sidetone_engine *engine,
                                  uint32_t index,
                                  uint32_t which,
                                  char *buffer,
                                  uint32_t capacity,
                                  uint32_t *needed);

/// How a call's media does now. Reading often is cheap.
///
/// `stats`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STALE_ID, SIDETONE_ERR_WRONG_KIND, SIDETONE_ERR_STRUCT_SIZE,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_call_stats stats;
/// stats.size = sizeof stats;
/// if (sidetone_call_stats_read(engine, call, &stats) == SIDETONE_OK &&
///     (stats.valid & SIDETONE_VALID_MOS))
///   printf("MOS %.1f\n", stats.mos);
/// ```
SIDETONE_API
int32_t sidetone_call_stats_read(struct sidetone_engine *engine,
                                 uint64_t call,
                                 struct sidetone_call_stats *stats);

/// Counters of the engine now.
///
/// `stats`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_engine_stats stats;
/// stats.size = sizeof stats;
/// if (sidetone_engine_stats_read(engine, &stats) == SIDETONE_OK)
///   printf("%u calls\n", (unsigned)stats.calls);
/// ```
SIDETONE_API
int32_t sidetone_engine_stats_read(struct sidetone_engine *engine,
                                   struct sidetone_engine_stats *stats);

/// How the threads do that have to keep time: durations of the sound card's callbacks, missed
/// deadlines, late rounds, and what scheduling the system gave them. Reading never disturbs them.
///
/// `health`: `size` set by the host, the rest by this function.
/// Returns SIDETONE_OK; SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// sidetone_engine_health health;
/// health.size = sizeof health;
/// if (sidetone_engine_health_read(engine, &health) == SIDETONE_OK && health.deadline_misses > 0)
///   printf("99 of 100 callbacks took %u us\n", (unsigned)health.callback_p99_us);
/// ```
SIDETONE_API
int32_t sidetone_engine_health_read(struct sidetone_engine *engine,
                                    struct sidetone_engine_health *health);

/// What scheduling threads of an engine got, in words: of a refusal why, and what to do about it.
///
/// `threads`: SIDETONE_THREADS_*. `buffer`, `capacity` (bytes), `needed`: see "Text".
/// Returns SIDETONE_OK; SIDETONE_ERR_TOO_SMALL, SIDETONE_ERR_INVALID_ARGUMENT (`threads`),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1 (interface 2).
///
/// ```c
/// char text[256];
/// if (sidetone_engine_priority_read(engine, SIDETONE_THREADS_WORKERS, text, sizeof text, NULL) ==
///     SIDETONE_OK)
///   puts(text);
/// ```
SIDETONE_API
int32_t sidetone_engine_priority_read(struct sidetone_engine *engine,
                                      uint32_t threads,
                                      char *buffer,
                                      uint32_t capacity,
                                      uint32_t *needed);

/// Pulls the next event. One thread at a time.
///
/// `timeout_ms`: how long to wait; 0: not at all, -1: for ever. `event`: `size` set by the host; gets
/// the event, or one of kind SIDETONE_EVENT_NONE. Its texts live until the next call.
/// Returns SIDETONE_OK with an event; SIDETONE_ERR_TIMEOUT when none came or sidetone_wake() was
/// called (the error text stays as it was), SIDETONE_ERR_SHUTDOWN after SIDETONE_EVENT_STOPPED,
/// SIDETONE_ERR_WRONG_THREAD (another thread pulls, or sidetone_event_thread_start() was called),
/// SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_STRUCT_SIZE, SIDETONE_ERR_NULL_POINTER.
/// Threads: any. Since 0.1.
///
/// ```c
/// event.size = sizeof event;
/// while (sidetone_event_next(engine, 0, &event) == SIDETONE_OK) {
///   if (event.kind == SIDETONE_EVENT_CALL)
///     printf("call %llx: state %u\n", (unsigned long long)event.call, (unsigned)event.state);
/// }
/// ```
SIDETONE_API
int32_t sidetone_event_next(struct sidetone_engine *engine,
                            int32_t timeout_ms,
                            struct sidetone_event *event);

/// Ends a waiting sidetone_event_next(), or the next one at once, with SIDETONE_ERR_TIMEOUT.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wake(engine);
/// ```
SIDETONE_API int32_t sidetone_wake(struct sidetone_engine *engine);

/// Starts a thread that pulls the events and calls a function with each. The function may call
/// everything but sidetone_engine_destroy() and sidetone_event_thread_stop(); while it runs, events
/// wait. It must not throw. A sidetone_event_next() that waits ends with SIDETONE_ERR_TIMEOUT.
///
/// `function`: not NULL. `user`: given to it.
/// Returns SIDETONE_OK; SIDETONE_ERR_WRONG_STATE (there is such a thread), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_INTERNAL (no thread could be started), SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_event_thread_start(engine, on_event, NULL);
/// ```
SIDETONE_API
int32_t sidetone_event_thread_start(struct sidetone_engine *engine,
                                    sidetone_event_fn function,
                                    void *user);

/// Ends the thread of sidetone_event_thread_start(); when this function is back, the host's function
/// does not run any more and the events can be pulled again. None there: nothing happens.
///
/// Returns SIDETONE_OK; SIDETONE_ERR_WRONG_THREAD (called in the event callback),
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any but the callback's. Since 0.1.
///
/// ```c
/// sidetone_event_thread_stop(engine);
/// ```
SIDETONE_API
int32_t sidetone_event_thread_stop(struct sidetone_engine *engine);

/// Calls a function each time that events wait after there were none, and at once if there are some.
/// Pull then until there are none left.
///
/// `function`: NULL ends every wake-up, of whatever form; the old one does not run any more when this
/// function is back. `user`: given to it.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_function(engine, on_wakeup, NULL);
/// ```
SIDETONE_API
int32_t sidetone_wakeup_set_function(struct sidetone_engine *engine,
                                     sidetone_wakeup_fn function,
                                     void *user);

/// Writes eight bytes (the number 1 of the machine) to a file descriptor each time that events wait
/// after there were none, and at once if there are some: an eventfd, or the writing end of a
/// non-blocking pipe. Read it empty, then pull until there are none left.
///
/// `fd`: stays the host's, and open until another wake-up is set or the engine is destroyed; -1 ends
/// every wake-up.
/// Returns SIDETONE_OK; SIDETONE_ERR_UNSUPPORTED (Windows), SIDETONE_ERR_INVALID_ARGUMENT,
/// SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_fd(engine, fd);
/// ```
SIDETONE_API
int32_t sidetone_wakeup_set_fd(struct sidetone_engine *engine,
                               int32_t fd);

#if defined(_WIN32)
/// Sets a Windows event object (SetEvent) each time that events wait after there were none, and at
/// once if there are some. Pull then until there are none left.
///
/// `handle`: a HANDLE; stays the host's, and open until another wake-up is set or the engine is
/// destroyed; NULL ends every wake-up.
/// Returns SIDETONE_OK; SIDETONE_ERR_NULL_POINTER, SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_handle(engine, handle);
/// ```
SIDETONE_API int32_t sidetone_wakeup_set_handle(struct sidetone_engine *engine, void *handle);
#endif

#if defined(_WIN32)
/// Posts a message to a window (PostMessageW, wParam and lParam 0) each time that events wait after
/// there were none, and at once if there are some. Pull then until there are none left.
///
/// `window`: an HWND; NULL ends every wake-up. `message`: WM_APP (0x8000) to 0xBFFF.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT, SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_wakeup_set_window(engine, handle, 0x8001);
/// ```
SIDETONE_API
int32_t sidetone_wakeup_set_window(struct sidetone_engine *engine,
                                   void *window,
                                   uint32_t message);
#endif

/// Sends log lines to a function, on a thread of the library. Lines are dropped when it is too slow
/// (`log_lost` of sidetone_engine_stats counts them).
///
/// `level`: SIDETONE_LOG_*, lines above it are not sent. `function`: NULL ends the log; the old one
/// does not run any more when this function is back. `user`: given to it.
/// Returns SIDETONE_OK; SIDETONE_ERR_INVALID_ARGUMENT (`level`), SIDETONE_ERR_NULL_POINTER,
/// SIDETONE_ERR_SHUTDOWN.
/// Threads: any. Since 0.1.
///
/// ```c
/// sidetone_log_set(engine, SIDETONE_LOG_INFO, on_log, NULL);
/// ```
SIDETONE_API
int32_t sidetone_log_set(struct sidetone_engine *engine,
                         uint32_t level,
                         sidetone_log_fn function,
                         void *user);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SIDETONE_H */
