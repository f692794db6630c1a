// A phone for the terminal: commands on the standard input, events on the standard output.
//
//   console [IP]
//
// IP: where to listen, 0.0.0.0 by default. Commands, which mean the latest call: dial URI, answer,
// reject, hold, resume, dtmf DIGITS, hangup; quit.
#include "sidetone.hpp"

#include <iostream>
#include <mutex>
#include <sstream>

using sidetone::Event;

static const char *state_name(std::uint32_t state) {
  static const char *const names[] = {"new",       "dialing",   "incoming", "ringing",
                                      "early media", "connected", "ending",   "ended"};
  return state < std::size(names) ? names[state] : "of a later version";
}

class Console {
 public:
  explicit Console(const std::string &ip) : engine_(config(ip)) {
    std::cout << "listening on " << engine_.address() << std::endl;
    engine_.start_events([this](const Event &event) { take(event); });
  }

  /// Whether to go on.
  bool obey(const std::string &line) {
    std::istringstream words(line);
    std::string verb, rest;
    words >> verb >> rest;
    if (verb == "quit") return false;
    // Events of the call that is dialled here wait until it is known which it is.
    std::lock_guard<std::mutex> lock(mutex_);
    try {
      if (verb == "dial")
        call_ = engine_.dial(rest);
      else if (!verb.empty())
        obey_with(call(), verb, rest);
    } catch (const sidetone::Error &error) {
      std::cout << "no: " << error.what() << std::endl;
    }
    return true;
  }

 private:
  static sidetone::EngineConfig config(const std::string &ip) {
    sidetone::EngineConfig config;
    config.bind = ip;
    config.audio.kind = SIDETONE_AUDIO_DEVICES;
    return config;
  }

  sidetone::Call call() {
    if (!call_) throw sidetone::Error(SIDETONE_ERR_WRONG_STATE, "there is no call");
    return *call_;
  }

  void obey_with(sidetone::Call call, const std::string &verb, const std::string &rest) {
    if (verb == "answer") call.answer();
    else if (verb == "reject") call.reject(486);
    else if (verb == "hold") call.hold();
    else if (verb == "resume") call.resume();
    else if (verb == "dtmf") call.dtmf(rest, 0, &digits_);
    else if (verb == "hangup") call.hangup();
    else std::cout << "no such command: " << verb << std::endl;
  }

  /// On a thread of the library.
  void take(const Event &event) {
    std::lock_guard<std::mutex> lock(mutex_);
    switch (event.kind()) {
      case SIDETONE_EVENT_INCOMING_CALL:
        call_ = engine_.call_of(event);
        std::cout << "call from " << event.display_name << " <" << event.from << ">" << std::endl;
        ring(*call_);
        break;
      case SIDETONE_EVENT_CALL:
        std::cout << state_name(event.state()) << " " << event.text << std::endl;
        if (call_ && event.is_end_of(*call_)) call_.reset();
        break;
      case SIDETONE_EVENT_HOLD:
        std::cout << "hold: " << (event.state() & SIDETONE_HOLD_LOCAL ? "we them " : "")
                  << (event.state() & SIDETONE_HOLD_REMOTE ? "they us" : "") << std::endl;
        break;
      case SIDETONE_EVENT_REPLY:
        if (event.is_reply_to(digits_))
          std::cout << "digits: " << sidetone_strerror(event.values.status) << std::endl;
        break;
      case SIDETONE_EVENT_DTMF:
        std::cout << "digit " << static_cast<char>(event.values.digit) << std::endl;
        break;
      default:
        break;  // later versions have more kinds
    }
  }

  void ring(sidetone::Call call) {
    try {
      call.ring();
    } catch (const sidetone::Error &error) {  // the caller has given up; the end follows
      std::cout << "not rung: " << error.what() << std::endl;
    }
  }

  std::mutex mutex_;
  std::optional<sidetone::Call> call_;
  std::uint64_t digits_ = 0;  // the request that sends them
  sidetone::Engine engine_;  // the first to go: it calls take() until then
};

int main(int argc, char **argv) try {
  Console console(argc > 1 ? argv[1] : "");
  for (std::string line; std::getline(std::cin, line) && console.obey(line);) continue;
} catch (const std::exception &error) {
  std::cerr << error.what() << std::endl;
  return EXIT_FAILURE;
}
