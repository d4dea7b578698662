#pragma once

#include "payments/domain/charge.hpp"
#include "payments/domain/ids.hpp"
#include "payments/domain/values.hpp"
#include "storage/values.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::payments {

// Stored numbers: new values are added at the end only.
enum class PaymentStatus : std::uint8_t {
    requires_payment_method,
    requires_confirmation,
    requires_action,
    processing,
    requires_capture,
    succeeded,
    canceled,
};
std::string_view to_text(PaymentStatus status);
std::optional<PaymentStatus> payment_status_from_text(std::string_view text);

enum class CaptureMethod : std::uint8_t { unset, automatic, automatic_async, manual };
enum class ConfirmationMethod : std::uint8_t { automatic, manual };

// What the customer must do before the payment goes on.
struct NextAction {
    enum class Kind : std::uint8_t { three_d_secure, redirect, qr_code };
    Kind kind = Kind::three_d_secure;
    ActionId id;
    std::string url;         // the page to send the customer to
    std::string qr_text;     // of a QR code
    std::string return_url;  // where the page sends the customer afterwards; empty: nowhere
    TimePoint expires_at;
    bool operator==(const NextAction&) const = default;
};

// What no decision depends on; stored as one JSON text.
struct PaymentDetails {
    std::string description;
    std::string receipt_email;
    std::string statement_descriptor;
    std::string statement_descriptor_suffix;
    std::string setup_future_usage;  // "", on_session, off_session
    std::string return_url;
    std::string transfer_group;
    std::optional<Shipping> shipping;
    std::vector<std::string> method_types;  // empty: automatic_payment_methods
    // Of automatic ones: may they send the customer elsewhere to pay?
    enum class Redirects : std::uint8_t { always, never } redirects = Redirects::always;
    std::string method_options;  // JSON object; empty: none
    Metadata metadata;
    bool operator==(const PaymentDetails&) const = default;
};

struct Payment {
    PaymentId id;
    Owner owner;
    std::int64_t number = 0;   // 1, 2, 3 … within the owner, in the order made
    std::int64_t version = 1;  // grows with each change; 0: its row is yet to be written
    PaymentStatus status = PaymentStatus::requires_payment_method;
    Money amount;
    std::int64_t capturable_minor = 0;
    std::int64_t received_minor = 0;
    std::int64_t refunded_minor = 0;   // of refunds that succeeded or are under way
    std::int64_t refunding_minor = 0;  // of these, what is still under way
    CaptureMethod capture_method = CaptureMethod::unset;
    ConfirmationMethod confirmation_method = ConfirmationMethod::automatic;
    storage::GatewayNumber gateway;
    std::string gateway_payment_id;
    std::optional<CustomerId> customer;
    std::optional<PaymentMethodId> method;
    // Its owner has passed the challenge: a merchant who confirms by hand does so again, and the
    // customer is not asked again. Of the try that is under way only.
    std::optional<PaymentMethodId> authenticated_method;
    std::optional<ChargeId> latest_charge;
    std::optional<DisputeId> dispute;
    std::string order_id;
    std::string client_secret;  // the part after "_secret_"
    std::optional<PaymentError> last_error;
    std::optional<NextAction> next_action;
    std::string cancellation_reason;
    TimePoint created_at;
    TimePoint updated_at;
    std::optional<TimePoint> captured_at;
    std::optional<TimePoint> canceled_at;
    PaymentDetails details;

    bool operator==(const Payment&) const = default;
};

// What became known about a payment: from a gateway's answer, its webhook, or its sandbox page.
// One door for all of them.
struct Authorized {};  // the money is held
struct Captured {
    std::int64_t minor = 0;
};
struct Processing {};
struct ActionRequired {
    NextAction action;
};
struct ActionPassed {};  // the customer did it; what follows is told by another fact
struct Declined {
    PaymentError error;
};
struct Canceled {
    std::string reason;
};
using PaymentFact = std::
    variant<Authorized, Captured, Processing, ActionRequired, ActionPassed, Declined, Canceled>;

enum class Effect {
    moved,
    already,  // the payment stands there since before
    stale,    // it has gone further, or ended otherwise: nothing changes
};

// Moves the payment where the fact says, if that is forward; changes nothing otherwise. A decline
// takes the method from the payment (its charge keeps it), so a payment that requires a method has
// none. Facts speak of the latest try: news of an earlier charge is for the caller to keep away.
Effect apply(Payment& payment, const PaymentFact& fact, TimePoint now);

// For the next try, which then requires confirmation; what became of the last is forgotten.
void choose_method(Payment& payment, PaymentMethodId method, TimePoint now);
// Takes the choice back. What the last try failed with stays known.
void drop_method(Payment& payment);

// Why a merchant's command cannot be carried out, in the order in which it is found out.
enum class PaymentFault {
    unexpected_status,  // this operation is not for a payment that stands here
    amount_invalid,
    amount_too_small,
    amount_too_large,
    amount_over_capturable,
    method_missing,
    already_captured,
    already_canceled,
};
std::optional<PaymentFault> why_not_choose_method(const Payment& payment);
std::optional<PaymentFault> why_not_confirm(const Payment& payment);
std::optional<PaymentFault> why_not_capture(const Payment& payment, std::int64_t minor);
std::optional<PaymentFault> why_not_cancel(const Payment& payment);
std::optional<PaymentFault> why_not_change_amount(const Payment& payment, std::int64_t minor);
std::optional<PaymentFault> why_not_amount(std::int64_t minor);

bool is_ended(PaymentStatus status);
// Was a try made that failed? The R Commerce dialect calls such a payment failed.
bool has_failed(const Payment& payment);

}  // namespace postern::payments
