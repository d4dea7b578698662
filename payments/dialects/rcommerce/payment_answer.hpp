#pragma once

#include "payments/api.hpp"
#include "payments/dialects/rcommerce/errors.hpp"
#include "payments/service/payment_service.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace postern::payments::rcommerce {

// object: the payment, or the error it ended in. outcome: success, requires_action or failed, of
// which the last is an error too. intent: the payment as the intents' page shows it.
enum class Form { object, outcome, intent };

struct PaymentAnswer {
    Audience audience;
    Form form = Form::object;
    int status = 200;  // of anything but a failure
    // Of one who only asks how a payment stands, a failed one is an answer like any.
    enum class OnFailure { error, show } on_failure = OnFailure::error;
};
HttpReply
payment_reply(const PaymentAnswer& answer, const Surroundings& around, const FullPayment& payment);

// What is done to one payment; the same answer is made once more when its gateway has spoken.
using Command = std::function<Done<FullPayment>(Work&)>;
struct CommandPlan {
    PaymentAnswer answer;
    Command run;
    std::string idempotency_key = {};
};
WritePlan plan_of(CommandPlan command);

// The payment that the path names; nullopt: there can be none of this spelling.
std::optional<PaymentId> payment_of(const Call& call);
HttpReply no_payment_reply(const Call& call);

}  // namespace postern::payments::rcommerce
