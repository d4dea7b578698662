#pragma once

#include "core/json_writer.hpp"
#include "payments/domain/customer.hpp"
#include "payments/domain/dispute.hpp"
#include "payments/domain/payout.hpp"
#include "payments/domain/refund.hpp"
#include "payments/ledger/ledger.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/work.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

// The objects of the R Commerce dialect (API.md 6), for answers and as data.object of the unified
// events. Events carry "object", "amount_minor" and the gateway's ids beside the same members.
namespace postern::payments {

enum class ViewFor { answer, event };

void append_rc_payment(
    JsonWriter& writer,
    const Surroundings& around,
    const FullPayment& payment,
    ViewFor use = ViewFor::answer
);
void append_rc_intent(JsonWriter& writer, const Surroundings& around, const FullPayment& payment);
void append_rc_refund(
    JsonWriter& writer,
    const Surroundings& around,
    const Refund& refund,
    const Payment& payment,
    ViewFor use = ViewFor::answer
);
void append_rc_dispute(
    JsonWriter& writer,
    const Surroundings& around,
    const Dispute& dispute,
    const Payment& payment,
    ViewFor use = ViewFor::answer
);
void append_rc_payout(
    JsonWriter& writer,
    const Surroundings& around,
    const Payout& payout,
    ViewFor use = ViewFor::answer
);
void append_rc_balance(JsonWriter& writer, std::span<const CurrencyBalance> balances);
void append_rc_balance_transaction(
    JsonWriter& writer,
    const Surroundings& around,
    const BalanceTransaction& line
);

// {method_type, last_four, card_brand, exp_month "12", exp_year, cardholder_name}, and token.
struct MethodView {
    std::optional<std::string> token;  // absent: not said; empty: null
    enum class Default : std::uint8_t { not_said, no, yes } is_default = Default::not_said;
};
void append_rc_method(JsonWriter& writer, const PaymentMethod& method, const MethodView& view);
// The members of a method as a payment used it, beside "token"; null where it has none yet.
enum class MethodShape { flat, superset };  // superset: also {type, card{…}} of the older pages
void append_rc_used_method(
    JsonWriter& writer,
    const Surroundings& around,
    const FullPayment& payment,
    MethodShape shape
);
// As kept for a customer: the superset of both pages' members.
struct SavedMethod {
    PaymentMethod method;
    std::optional<Customer> customer;
};
void append_rc_saved_method(
    JsonWriter& writer,
    const Surroundings& around,
    const SavedMethod& saved
);
bool is_default(const SavedMethod& saved);

// The members action_type, action_data and expires_at.
void append_rc_action(JsonWriter& writer, const NextAction& action);

// "card_declined", "insufficient_funds", "expired_card", "incorrect_cvc", "processing_error": the
// codes of this dialect, whatever the gateway's own code is.
std::string_view rc_failure_code(const PaymentError& error);
// The gateway's finer word: "generic_decline", "authentication_failed"; empty: none.
std::string_view rc_decline_code(const PaymentError& error);
// "card", "bank_transfer", "wechat_pay", "alipay".
std::string_view rc_method_type(MethodType type);
// How the dialect shows a customer: by the shop's own UUID where it gave one.
std::string rc_customer_id(const Surroundings& around, const Customer& customer);
// "pi_…_secret_…".
std::string client_secret_text(const Surroundings& around, const Payment& payment);
std::string receipt_url(const Surroundings& around, const FullPayment& payment);  // empty: none

}  // namespace postern::payments
