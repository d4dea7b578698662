#include "payments/service/payment_service.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/payment_numbers.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/service/gateway_orders.hpp"
#include "payments/service/payment_checks.hpp"
#include "payments/service/payment_edits.hpp"

#include <utility>

namespace postern::payments {
namespace {

constexpr std::size_t kClientSecretBytes = 16;
constexpr std::string_view kCustomerPrefix = "cus_";
constexpr std::string_view kKeptUsage = "off_session";

template <class Row>
Result<void, StoreError>
take(Result<std::optional<Row>, StoreError> found, std::optional<Row>& row) {
    if (!found) return found.error();
    row = std::move(*found);
    return {};
}

// What a draft refers to, found before anything is written.
struct Plan {
    const PaymentGateway* gateway = nullptr;
    std::optional<Customer> customer;  // absent: none, or one that is yet to be made
    std::optional<PaymentMethod> method;
    Payment payment;
};

// A UUID of the shop's own that is not known yet is fine: it makes the customer.
Done<std::optional<Customer>> find_named_customer(const Books& books, const PaymentDraft& draft) {
    if (draft.customer) {
        auto customer = usable_customer(books, *draft.customer);
        if (!customer) return customer.error();
        return std::optional{std::move(*customer)};
    }
    if (draft.external_customer.empty()) return std::optional<Customer>{};
    auto customer = find_spelled_customer(books, draft.external_customer);
    if (customer) return std::optional{std::move(*customer)};
    const bool must_exist = draft.external_customer.starts_with(kCustomerPrefix);
    if (customer.error().refusal() == nullptr || must_exist) return customer.error();
    return std::optional<Customer>{};
}

Payment payment_of(const Books& books, const PaymentDraft& draft) {
    Payment payment;
    payment.owner = books.owner;
    payment.amount = draft.amount;
    payment.capture_method = draft.capture_method;
    payment.confirmation_method = draft.confirmation_method;
    payment.order_id = draft.order_id;
    payment.client_secret = to_hex(random_bytes(kClientSecretBytes));
    payment.details = draft.details;
    if (draft.save_method == PaymentDraft::SaveMethod::yes
        && payment.details.setup_future_usage.empty()) {
        payment.details.setup_future_usage = kKeptUsage;
    }
    return payment;
}

const PaymentMethod* method_of(const Plan& plan, const PaymentDraft& draft) {
    if (plan.method) return &*plan.method;
    return draft.new_method ? &draft.new_method->method : nullptr;
}

// Where nobody named a gateway, the method decides.
void choose_by_method(const Books& books, Plan& plan, const PaymentDraft& draft) {
    const PaymentMethod* method = method_of(plan, draft);
    if (method == nullptr || !draft.gateway.empty()) return;
    plan.gateway = &gateway_taking(books, plan.payment, *method, *plan.gateway);
    plan.payment.gateway = plan.gateway->number;
}

std::optional<Refusal>
why_not_method(const Plan& plan, const PaymentDraft& draft, ThenConfirm then) {
    const PaymentMethod* method = method_of(plan, draft);
    if (method == nullptr) {
        if (then == ThenConfirm::no) return std::nullopt;
        return refusal_of(PaymentFault::method_missing, plan.payment);
    }
    const MethodChoice choice{
        .method = *method,
        .payment = plan.payment,
        .customer = plan.customer ? &*plan.customer : nullptr,
        .gateway = *plan.gateway};
    auto refusal = why_not_pay_with(choice);
    if (!refusal && then == ThenConfirm::yes) refusal = why_not_keep(choice);
    return refusal;
}

Done<Plan> plan_payment(const Books& books, const PaymentDraft& draft, ThenConfirm then) {
    Plan plan{.payment = payment_of(books, draft)};
    if (const auto fault = why_not_amount(draft.amount.minor)) {
        return refusal_of(*fault, plan.payment, "amount");
    }
    const auto gateway = choose_gateway(books, draft.gateway);
    if (!gateway) return gateway.error();
    plan.gateway = *gateway;
    plan.payment.gateway = plan.gateway->number;
    auto customer = find_named_customer(books, draft);
    if (!customer) return customer.error();
    plan.customer = std::move(*customer);
    if (draft.method && !draft.new_method) {
        auto method = usable_method(books, *draft.method);
        if (!method) return method.error();
        plan.method = std::move(*method);
    }
    choose_by_method(books, plan, draft);
    if (auto refusal = why_not_method(plan, draft, then)) return std::move(*refusal);
    return plan;
}

// The first that writes, and it looks before it does.
Done<void> provide_parties(Work& work, Plan& plan, const PaymentDraft& draft) {
    if (!plan.customer && !draft.external_customer.empty()) {
        auto customer = provide_customer(
            work,
            SpelledCustomer{
                .spelled = draft.external_customer, .email = draft.external_customer_email}
        );
        if (!customer) return customer.error();
        plan.customer = std::move(*customer);
    }
    if (plan.customer) plan.payment.customer = plan.customer->id;
    if (draft.new_method) {
        auto method = create_method(work, *draft.new_method, std::nullopt);
        if (!method) return method.error();
        plan.method = std::move(*method);
    }
    if (plan.method) choose_method(plan.payment, plan.method->id, work.now());
    return {};
}

// What the gateway says of a payment is written with it, in one row instead of a row and its
// change. A gateway that says nothing leaves it to be written as it is.
Result<void, StoreError> store_if_new(Work& work, Payment& payment) {
    return payment.version == 0 ? insert_payment(work.transaction, payment)
                                : Result<void, StoreError>{};
}

}  // namespace

Done<FullPayment> load_payment(const Books& books, PaymentId id) {
    auto payment = find_payment(books.connection, books.owner, id);
    if (!payment) return payment.error();
    if (!*payment) {
        return Refusal{
            .reason = Reason::not_found,
            .what = "payment_intent",
            .id = stripe_id(books.around.ids, id)};
    }
    auto full = complete_payment(books, std::move(**payment));
    if (!full) return full.error();
    return std::move(*full);
}

Result<FullPayment, StoreError> complete_payment(const Books& books, Payment payment) {
    FullPayment full;
    auto& connection = books.connection;
    const Owner owner = payment.owner;
    Result<void, StoreError> taken;
    if (payment.latest_charge) {
        taken = take(find_charge(connection, owner, *payment.latest_charge), full.charge);
    }
    if (taken && payment.method) {
        taken = take(find_payment_method(connection, owner, *payment.method), full.method);
    }
    if (taken && payment.last_error && payment.last_error->method) {
        const PaymentMethodId failed = *payment.last_error->method;
        taken = take(find_payment_method(connection, owner, failed), full.failed_method);
    }
    if (taken && payment.customer) {
        taken = take(find_customer(connection, owner, *payment.customer), full.customer);
    }
    if (taken && payment.dispute) {
        taken = take(find_dispute(connection, owner, *payment.dispute), full.dispute);
    }
    if (!taken) return taken.error();
    if (payment.received_minor > 0) {
        auto refunds = refunds_of(connection, payment.id);
        if (!refunds) return refunds.error();
        full.refunds = std::move(*refunds);
    }
    full.payment = std::move(payment);
    return full;
}

Done<FullPayment> create_payment(Work& work, const PaymentDraft& draft, ThenConfirm then) {
    auto plan = plan_payment(work.books(), draft, then);
    if (!plan) return plan.error();
    const auto provided = provide_parties(work, *plan, draft);
    if (!provided) return provided.error();
    const auto added = then == ThenConfirm::yes ? number_payment(work.transaction, plan->payment)
                                                : insert_payment(work.transaction, plan->payment);
    if (!added) return added.error();
    FullPayment full;
    full.payment = std::move(plan->payment);
    full.method = std::move(plan->method);
    full.customer = std::move(plan->customer);
    const auto told = announce_payment(work, EventType::payment_created, full);
    if (!told) return told.error();
    if (then == ThenConfirm::no) return full;
    const auto asked = ask_about_payment(work, full, {.minor = full.payment.amount.minor});
    if (!asked) return asked.error();
    if (const auto stored = store_if_new(work, full.payment); !stored) return stored.error();
    return full;
}

Done<FullPayment> update_payment_of(Work& work, PaymentId id, const PaymentEdit& edit) {
    auto full = load_payment(work.books(), id);
    if (!full) return full.error();
    auto plan = plan_edit(work.books(), *full, edit);
    if (!plan) return plan.error();
    const auto done = carry_out(work, *full, std::move(*plan));
    if (!done) return done.error();
    return std::move(*full);
}

}  // namespace postern::payments
