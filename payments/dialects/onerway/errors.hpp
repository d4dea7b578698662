#pragma once

#include "core/http_message.hpp"
#include "core/request_tree.hpp"
#include "payments/api.hpp"
#include "payments/failure.hpp"

#include <string>
#include <string_view>

namespace postern::payments::onerway {

// Stripe's own clients expect "card_declined" with the reason beside it; Onerway's documents name
// the reason itself.
enum class DeclineCodes { stripe, onerway };

// Whom an answer is for: what of a call outlives it.
struct Audience {
    KeyKind key = KeyKind::secret;
    DeclineCodes codes = DeclineCodes::onerway;
};
Audience audience_of(const Call& call);

// {"error":{…}}, with doc_url where there is a code.
struct Error {
    int status = 400;
    std::string_view type = "invalid_request_error";
    std::string_view code = {};  // empty: none
    std::string message;
    std::string parameter = {};  // empty: none; likewise the rest
    std::string decline_code = {};
    std::string charge = {};
    std::string payment_intent = {};  // JSON
    std::string payment_method = {};  // JSON
};
HttpReply error_reply(const Error& error);
HttpReply complaint_reply(const ParameterComplaint& complaint);

// One answer for what is not there and for what is somebody else's. `what`: "payment_intent".
struct Missing {
    std::string_view what;
    std::string_view id;
};
HttpReply missing_reply(const Missing& missing);
// The same of what a parameter names.
ParameterComplaint missing_reference(std::string_view parameter, const Missing& missing);

// What was asked of the service, for the words of its refusals.
enum class Operation { other, confirm, capture, cancel, update };
struct Asked {
    Audience audience = {};
    Operation operation = Operation::other;
    std::string id = {};  // of the path, as it was sent
};
Reply refusal_reply(const Surroundings& around, const Failure& failure, const Asked& asked);

}  // namespace postern::payments::onerway
