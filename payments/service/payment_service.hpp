#pragma once

#include "payments/domain/customer.hpp"
#include "payments/domain/payment.hpp"
#include "payments/domain/refund.hpp"
#include "payments/failure.hpp"
#include "payments/work.hpp"

#include <optional>
#include <string>
#include <vector>

// What can be done with payments. Each function decides on what the transaction sees, and writes
// state, ledger, events and deliveries, or refuses before it writes anything.
namespace postern::payments {

// A payment with what the dialects show beside it.
struct FullPayment {
    Payment payment;
    std::optional<Charge> charge;                // the latest
    std::optional<PaymentMethod> method;         // the one chosen
    std::optional<PaymentMethod> failed_method;  // what last_error is about, if it is known
    std::optional<Customer> customer;
    std::optional<Dispute> dispute;
    std::vector<Refund> refunds;  // oldest first
};
[[nodiscard]] Done<FullPayment> load_payment(const Books& books, PaymentId id);
[[nodiscard]] Result<FullPayment, StoreError> complete_payment(const Books& books, Payment payment);

// A card or account that came with the request, tokenised already: stored as a method of its own.
struct NewMethod {
    PaymentMethod method;
    std::string number;  // only where a vault is to keep it; wiped by its owner
};

struct PaymentDraft {
    Money amount;
    std::string gateway;  // a name; empty: the default one
    CaptureMethod capture_method = CaptureMethod::unset;
    ConfirmationMethod confirmation_method = ConfirmationMethod::automatic;
    std::optional<CustomerId> customer;
    std::string external_customer;  // the R Commerce dialect's UUID: found or made
    std::string external_customer_email;
    std::optional<PaymentMethodId> method;
    std::optional<NewMethod> new_method;
    enum class SaveMethod : std::uint8_t { no, yes } save_method = SaveMethod::no;
    std::string order_id;
    PaymentDetails details;
};
enum class ThenConfirm { no, yes };
[[nodiscard]] Done<FullPayment>
create_payment(Work& work, const PaymentDraft& draft, ThenConfirm then);

// Absent: as it is. An empty text clears.
struct PaymentEdit {
    std::optional<Money> amount;
    std::optional<CustomerId> customer;
    std::optional<PaymentMethodId> method;
    std::optional<NewMethod> new_method;
    enum class ClearMethod : std::uint8_t { no, yes } clear_method = ClearMethod::no;
    std::optional<CaptureMethod> capture_method;
    std::optional<std::string> description, receipt_email, statement_descriptor,
        statement_descriptor_suffix, setup_future_usage, return_url, transfer_group;
    std::optional<std::optional<Shipping>> shipping;
    std::optional<std::vector<std::string>> method_types;
    std::optional<PaymentDetails::Redirects> redirects;
    std::optional<std::string> method_options;
    // Merged pair by pair: an empty value takes the pair away. clear_metadata: all go first.
    Metadata metadata;
    enum class ClearMetadata : std::uint8_t { no, yes } clear_metadata = ClearMetadata::no;
};
[[nodiscard]] Done<FullPayment>
update_payment_of(Work& work, PaymentId id, const PaymentEdit& edit);

struct Confirmation {
    PaymentEdit edit;
    std::string client_secret;  // of a publishable key; empty: a secret key asks
};
// Declined: the payment says so in last_error, and its status is requires_payment_method.
[[nodiscard]] Done<FullPayment>
confirm_payment(Work& work, PaymentId id, const Confirmation& confirmation);

[[nodiscard]] Done<FullPayment>
capture_payment(Work& work, PaymentId id, std::optional<std::int64_t> minor);
[[nodiscard]] Done<FullPayment> cancel_payment(Work& work, PaymentId id, std::string_view reason);
// After the customer's action: asks what became of it and says how the payment stands. Not yet
// done: unchanged, still requires_action.
[[nodiscard]] Done<FullPayment> complete_payment_action(Work& work, PaymentId id);

// What a gateway said, by answer, webhook or page: the one door to a payment's state.
struct Settled {
    FullPayment payment;
    Effect effect = Effect::moved;
};
[[nodiscard]] Result<Settled, StoreError>
settle_payment(Work& work, const Payment& payment, const PaymentFact& fact);
// The answer to an order, whether it came at once or later.
[[nodiscard]] Result<void, StoreError>
settle_order(Work& work, const GatewayOrder& order, const GatewayAnswer& answer);
// Reads again what an order is about; nullopt: it is settled already.
[[nodiscard]] Result<std::optional<GatewayOrder>, StoreError>
load_order(const Books& books, OrderId id);

struct RefundDraft {
    std::optional<PaymentId> payment;
    std::optional<ChargeId> charge;     // instead of the payment
    std::optional<std::int64_t> minor;  // absent: all that is left
    std::string reason;
    Metadata metadata;
};
struct FullRefund {
    Refund refund;
    FullPayment payment;
};
[[nodiscard]] Done<FullRefund> create_refund(Work& work, const RefundDraft& draft);
[[nodiscard]] Done<FullRefund> load_refund(const Books& books, RefundId id);
[[nodiscard]] Done<FullRefund>
update_refund_of(Work& work, RefundId id, const PaymentEdit& metadata_edit);
[[nodiscard]] Done<FullRefund> cancel_refund(Work& work, RefundId id);
[[nodiscard]] Result<Effect, StoreError>
settle_refund(Work& work, const Refund& refund, const RefundFact& fact);

}  // namespace postern::payments
