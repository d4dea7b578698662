#pragma once

#include "core/http_message.hpp"
#include "core/time.hpp"
#include "dispatch/signing.hpp"

#include <cstdint>
#include <optional>
#include <string>

// What `postern listen` says of each delivery; without a socket.
namespace postern::daemon::commands {

enum class DeliveryVerdict : std::uint8_t {
    genuine,
    headers_missing,
    too_old,  // or from the future: more than five minutes
    forged,   // no signature in it is one of our secret's
};

DeliveryVerdict
judge_delivery(const HttpRequest& request, const dispatch::SigningKeys& keys, TimePoint now);

struct SeenDelivery {
    TimePoint at;
    std::string id;    // webhook-id
    std::string type;  // as the body says it; empty: it does not
    std::size_t body_bytes = 0;
    DeliveryVerdict verdict = DeliveryVerdict::genuine;
    int answer = 200;  // what it is answered with
    enum class Forwarded : std::uint8_t { no, yes, failed } forwarded = Forwarded::no;
};
SeenDelivery seen_delivery(const HttpRequest& request, DeliveryVerdict verdict, TimePoint now);

enum class Colour : std::uint8_t { off, on };
// One line: the time, the answer, the type, the id, the size, and what is wrong.
std::string line_of(const SeenDelivery& delivery, Colour colour);

}  // namespace postern::daemon::commands
