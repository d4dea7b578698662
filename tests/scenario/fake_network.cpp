#include "tests/scenario/fake_network.hpp"

#include "core/assert.hpp"

#include <array>
#include <cstdio>
#include <string>
#include <utility>

namespace postern::scenario {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

CallOutcome failed_to_connect(Microseconds after) {
    CallOutcome outcome{.reaches = CallOutcome::Reaches::nobody, .answered_after = after};
    outcome.result.error = storage::AttemptError::connect_refused;
    return outcome;
}

}  // namespace

std::string http_date(TimePoint at) {
    constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<seconds>(at - day)};
    std::array<char, 40> text{};
    std::snprintf(
        text.data(),
        text.size(),
        "%s, %02u %s %04d %02d:%02d:%02d GMT",
        kDays[std::chrono::weekday{day}.c_encoding()],
        static_cast<unsigned>(date.day()),
        kMonths[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()),
        static_cast<int>(time.hours().count()),
        static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count())
    );
    return text.data();
}

void FakeNetwork::put(EndpointId endpoint, std::vector<Phase> phases) {
    phases_[endpoint] = std::move(phases);
}

Behaviour FakeNetwork::behaviour(EndpointId endpoint, Microseconds at) const {
    Behaviour current = Behaviour::healthy;
    for (const Phase& phase : phases_.at(endpoint)) {
        if (phase.from > at) break;
        current = phase.behaviour;
    }
    return current;
}

Microseconds FakeNetwork::last_trouble(EndpointId endpoint, Microseconds at) const {
    Microseconds last{0};
    Behaviour current = Behaviour::healthy;
    for (const Phase& phase : phases_.at(endpoint)) {
        if (phase.from > at) break;
        if (current != Behaviour::healthy) last = phase.from;
        current = phase.behaviour;
    }
    return current == Behaviour::healthy ? last : at;
}

CallOutcome FakeNetwork::answer(std::string_view retry_after, std::string_view wish, int status) {
    CallOutcome outcome;
    outcome.arrives_after = random_.within({milliseconds{1}, milliseconds{120}});
    outcome.answered_after =
        outcome.arrives_after + random_.within({milliseconds{1}, milliseconds{150}});
    const dispatch::AnswerHead head{
        .status = status, .retry_after = retry_after, .webhook_delivery = wish};
    const dispatch::AnswerMeaning meaning = dispatch::meaning_of(head, TimePoint{});
    outcome.result.status = status;
    outcome.result.error = meaning.error;
    outcome.result.wish = meaning.wish;
    outcome.result.retry_after = meaning.retry_after;
    outcome.accepted = status >= 200 && status < 300;
    return outcome;
}

CallOutcome FakeNetwork::overloaded(const Call& call) {
    const std::int64_t pause =
        random_.pick(std::vector<std::int64_t>{1, 30, 120, 900, 7'200, 200'000});
    const int status = random_.one_in(2) ? 429 : 503;
    CallOutcome outcome = answer("", "", status);
    switch (random_.below(4)) {
        case 0: return outcome;
        case 1:
            outcome.result.retry_after =
                dispatch::parse_retry_after(http_date(call.now + seconds{pause}), call.now);
            return outcome;
        default:
            outcome.result.retry_after =
                dispatch::parse_retry_after(std::to_string(pause), call.now);
            return outcome;
    }
}

CallOutcome FakeNetwork::timed_out(const Call& call) {
    CallOutcome outcome{
        .reaches = CallOutcome::Reaches::nobody, .answered_after = Microseconds{call.timeout}};
    outcome.result.error = storage::AttemptError::timeout;
    return outcome;
}

CallOutcome FakeNetwork::odd() {
    switch (random_.below(3)) {
        case 0: return answer("soon", "whatever", 666);
        case 1: return answer("-5", "", 418);
        default: {
            CallOutcome outcome = answer("", "", 0);
            outcome.result.error = storage::AttemptError::response_malformed;
            return outcome;
        }
    }
}

CallOutcome FakeNetwork::call(const Call& call) {
    CallOutcome outcome;
    switch (behaviour(call.endpoint, call.at)) {
        case Behaviour::healthy: return answer("", "", 200);
        case Behaviour::slow:
            outcome = answer("", "", 202);
            outcome.answered_after += random_.within({seconds{1}, call.timeout - seconds{2}});
            return outcome;
        case Behaviour::refusing: return failed_to_connect(random_.within({{}, milliseconds{3}}));
        case Behaviour::flapping: return answer("", "", random_.one_in(2) ? 204 : 502);
        case Behaviour::failing: return answer("", "", 500);
        case Behaviour::overloaded: return overloaded(call);
        case Behaviour::gone: return answer("", "", 410);
        case Behaviour::asks_to_stop: return answer("", " Disable", 403);
        case Behaviour::asks_to_abort: return answer("", "abort-message", 422);
        case Behaviour::loses_replies:
            outcome = timed_out(call);
            outcome.reaches = CallOutcome::Reaches::endpoint;
            outcome.arrives_after = random_.within({milliseconds{1}, milliseconds{500}});
            outcome.accepted = true;
            return outcome;
        case Behaviour::hangs: return timed_out(call);
        case Behaviour::redirects: return answer("", "", 302);
        case Behaviour::odd: return odd();
    }
    return outcome;
}

}  // namespace postern::scenario
