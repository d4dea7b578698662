#include "payments/records/payment_row.hpp"

#include "payments/records/details_json.hpp"
#include "payments/records/rows.hpp"

namespace postern::payments {
namespace {

void read_state(const storage::Query& query, Payment& payment) {
    payment.number = query.integer(3);
    payment.version = query.integer(4);
    payment.status = static_cast<PaymentStatus>(query.integer(5));
    payment.amount.minor = query.integer(6);
    payment.capturable_minor = query.integer(8);
    payment.received_minor = query.integer(9);
    payment.refunded_minor = query.integer(10);
    payment.capture_method = static_cast<CaptureMethod>(query.integer(11));
    payment.confirmation_method = static_cast<ConfirmationMethod>(query.integer(12));
    payment.created_at = query.time(21);
    payment.updated_at = query.time(22);
    payment.captured_at = read_optional_time(query, 23);
    payment.canceled_at = read_optional_time(query, 24);
}

void read_references(const storage::Query& query, Payment& payment) {
    payment.gateway = storage::GatewayNumber{query.integer(13)};
    payment.gateway_payment_id = query.text(14);
    payment.customer = read_optional_id<CustomerId>(query, 15);
    payment.method = read_optional_id<PaymentMethodId>(query, 16);
    payment.latest_charge = read_optional_id<ChargeId>(query, 17);
    payment.dispute = read_optional_id<DisputeId>(query, 18);
    payment.order_id = query.text(19);
    payment.client_secret = query.text(20);
}

}  // namespace

std::string details_text(const Payment& payment) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    write_member(writer, "details", payment.details);
    write_member(writer, "last_error", payment.last_error);
    write_member(writer, "next_action", payment.next_action);
    write_member(writer, "cancellation_reason", payment.cancellation_reason);
    if (payment.authenticated_method) {
        writer.member_integer("authenticated_method", payment.authenticated_method->value);
    }
    if (payment.refunding_minor != 0) {
        writer.member_integer("refunding", payment.refunding_minor);
    }
    writer.end_object();
    return text;
}

Result<Payment, storage::StoreError> read_payment(const storage::Query& query) {
    const auto currency = Currency::parse(query.text(7));
    const auto details = parse_details(query.text(25));
    if (!currency || !details) return storage::StoreError::failed;
    Payment payment;
    payment.id = PaymentId{query.integer(0)};
    payment.owner = read_owner(query, 1);
    payment.amount.currency = *currency;
    read_state(query, payment);
    read_references(query, payment);
    const JsonValue root = details->root();
    read_member(root, "details", payment.details);
    read_member(root, "last_error", payment.last_error);
    read_member(root, "next_action", payment.next_action);
    read_member(root, "cancellation_reason", payment.cancellation_reason);
    if (const auto method = root["authenticated_method"].integer()) {
        payment.authenticated_method = PaymentMethodId{*method};
    }
    payment.refunding_minor = root["refunding"].integer().value_or(0);
    return payment;
}

}  // namespace postern::payments
