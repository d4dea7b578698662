#include "payments/service/announcements.hpp"

#include "core/assert.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/views/rcommerce_objects.hpp"
#include "payments/views/stripe_objects.hpp"

#include <utility>

namespace postern::payments {
namespace {

// The name under which Stripe's users know it; empty: they do not.
std::string_view stripe_name_of(EventType type) {
    switch (type) {
        case EventType::payment_created: return "payment_intent.created";
        case EventType::payment_succeeded: return "payment_intent.succeeded";
        case EventType::payment_failed: return "payment_intent.payment_failed";
        case EventType::payment_captured: return "charge.captured";
        case EventType::payment_canceled: return "payment_intent.canceled";
        case EventType::payment_requires_action: return "payment_intent.requires_action";
        case EventType::payment_action_completed: return {};
        case EventType::refund_created: return "refund.created";
        case EventType::refund_succeeded: return "refund.updated";
        case EventType::refund_failed: return "refund.failed";
        case EventType::dispute_created: return "charge.dispute.created";
        case EventType::dispute_updated: return "charge.dispute.updated";
        case EventType::dispute_closed: return "charge.dispute.closed";
        case EventType::payout_created: return "payout.created";
        case EventType::payout_paid: return "payout.paid";
        case EventType::payout_failed: return "payout.failed";
    }
    return {};
}

// Room for most objects at once: they are written inside the transaction that all others wait for.
constexpr std::size_t kObjectBytesUsual = 2'048;

template <class Write>
std::string json_of(Write write) {
    std::string json;
    json.reserve(kObjectBytesUsual);
    JsonWriter writer{json};
    write(writer);
    return json;
}

std::string method_json(const Work& work, const PaymentMethod& method) {
    return json_of([&](JsonWriter& writer) { append_payment_method(writer, work.around, method); });
}

// As whoever asks for the payment will see it.
std::string intent_json(const Work& work, const FullPayment& full) {
    Expanded expanded;
    if (full.payment.last_error && full.failed_method) {
        expanded.objects.emplace_back(kFailedMethod, method_json(work, *full.failed_method));
    }
    return json_of([&](JsonWriter& writer) {
        append_payment_intent(writer, work.around, full.payment, expanded);
    });
}

std::string charge_json(const Work& work, const Charge& charge, const Payment& payment) {
    return json_of([&](JsonWriter& writer) { append_charge(writer, work.around, charge, payment); }
    );
}

Result<std::string, StoreError> refund_json(const Work& work, const FullRefund& full) {
    POSTERN_ASSERT(full.payment.charge.has_value());
    Expanded expanded;
    if (gave_back(full.refund)) {
        const auto line = find_refund_failure_line(
            work.transaction.connection(),
            full.refund.owner,
            stripe_id(work.around.ids, full.refund.id)
        );
        if (!line) return line.error();
        std::string id;
        if (*line) append_json_string(id, stripe_id(work.around.ids, (*line)->id));
        expanded.objects.emplace_back(kFailureLine, std::move(id));
    }
    return json_of([&](JsonWriter& writer) {
        append_refund(writer, work.around, full.refund, &*full.payment.charge, expanded);
    });
}

Result<std::string, StoreError> dispute_json(const Work& work, const Dispute& dispute) {
    const auto lines = lines_of(work.transaction.connection(), dispute);
    if (!lines) return lines.error();
    std::string json;
    JsonWriter writer{json};
    append_dispute(writer, work.around, {dispute, *lines, work.now()});
    return json;
}

std::string payout_json(const Work& work, const Payout& payout) {
    return json_of([&](JsonWriter& writer) { append_payout(writer, work.around, payout); });
}

// Names of Stripe's for things that the R Commerce dialect has no events about.
Announcement
stripe_only(std::string_view stripe_type, std::string stripe_object, std::string_view previous) {
    Announcement announcement;
    announcement.stripe_type = stripe_type;
    announcement.stripe_object = std::move(stripe_object);
    announcement.stripe_previous = previous;
    return announcement;
}

Announced announce(Work& work, Announcement announcement) {
    announcement.owner = work.owner;
    announcement.request = work.request;
    const auto told = work.events.announce(work.transaction, announcement);
    if (!told) return told.error();
    return {};
}

}  // namespace

Announced announce_payment(Work& work, EventType type, const FullPayment& full) {
    Announcement announcement;
    announcement.type = type;
    announcement.subject = full.payment.id.value;
    announcement.gateway = full.payment.gateway;
    announcement.object = json_of([&](JsonWriter& writer) {
        append_rc_payment(writer, work.around, full, ViewFor::event);
    });
    announcement.stripe_type = stripe_name_of(type);
    if (type == EventType::payment_captured) {
        POSTERN_ASSERT(full.charge.has_value());
        announcement.stripe_object = charge_json(work, *full.charge, full.payment);
    } else if (!announcement.stripe_type.empty()) {
        announcement.stripe_object = intent_json(work, full);
    }
    return announce(work, std::move(announcement));
}

Announced announce_payment_only(Work& work, std::string_view stripe_type, const FullPayment& full) {
    auto announcement = stripe_only(stripe_type, intent_json(work, full), {});
    announcement.subject = full.payment.id.value;
    announcement.gateway = full.payment.gateway;
    return announce(work, std::move(announcement));
}

Announced announce_charge(
    Work& work,
    std::string_view stripe_type,
    const Charge& charge,
    const FullPayment& full,
    std::string_view previous
) {
    auto announcement = stripe_only(stripe_type, charge_json(work, charge, full.payment), previous);
    announcement.subject = full.payment.id.value;
    announcement.gateway = full.payment.gateway;
    return announce(work, std::move(announcement));
}

Announced announce_refund(Work& work, EventType type, const FullRefund& full) {
    const Payment& payment = full.payment.payment;
    Announcement announcement;
    announcement.type = type;
    announcement.subject = full.refund.id.value;
    announcement.gateway = payment.gateway;
    announcement.object = json_of([&](JsonWriter& writer) {
        append_rc_refund(writer, work.around, full.refund, payment, ViewFor::event);
    });
    announcement.stripe_type = stripe_name_of(type);
    auto stripe_object = refund_json(work, full);
    if (!stripe_object) return stripe_object.error();
    announcement.stripe_object = std::move(*stripe_object);
    if (type == EventType::refund_succeeded) {
        announcement.stripe_previous = R"({"status":"pending"})";
    }
    return announce(work, std::move(announcement));
}

Announced announce_refund_only(Work& work, std::string_view stripe_type, const FullRefund& full) {
    auto stripe_object = refund_json(work, full);
    if (!stripe_object) return stripe_object.error();
    auto announcement = stripe_only(stripe_type, std::move(*stripe_object), {});
    announcement.subject = full.refund.id.value;
    announcement.gateway = full.payment.payment.gateway;
    return announce(work, std::move(announcement));
}

Announced
announce_dispute(Work& work, EventType type, const Dispute& dispute, const Payment& payment) {
    Announcement announcement;
    announcement.type = type;
    announcement.subject = dispute.id.value;
    announcement.gateway = payment.gateway;
    announcement.object = json_of([&](JsonWriter& writer) {
        append_rc_dispute(writer, work.around, dispute, payment, ViewFor::event);
    });
    announcement.stripe_type = stripe_name_of(type);
    auto snapshot = dispute_json(work, dispute);
    if (!snapshot) return snapshot.error();
    announcement.stripe_object = std::move(*snapshot);
    return announce(work, std::move(announcement));
}

Announced announce_dispute_funds(
    Work& work,
    std::string_view stripe_type,
    const Dispute& dispute,
    const Payment& payment
) {
    auto snapshot = dispute_json(work, dispute);
    if (!snapshot) return snapshot.error();
    auto announcement = stripe_only(stripe_type, std::move(*snapshot), {});
    announcement.subject = dispute.id.value;
    announcement.gateway = payment.gateway;
    return announce(work, std::move(announcement));
}

Announced announce_payout(Work& work, EventType type, const Payout& payout) {
    Announcement announcement;
    announcement.type = type;
    announcement.subject = payout.id.value;
    announcement.gateway = payout.gateway;
    announcement.object = json_of([&](JsonWriter& writer) {
        append_rc_payout(writer, work.around, payout, ViewFor::event);
    });
    announcement.stripe_type = stripe_name_of(type);
    announcement.stripe_object = payout_json(work, payout);
    return announce(work, std::move(announcement));
}

Announced announce_payout_only(Work& work, std::string_view stripe_type, const Payout& payout) {
    auto announcement = stripe_only(stripe_type, payout_json(work, payout), {});
    announcement.subject = payout.id.value;
    announcement.gateway = payout.gateway;
    return announce(work, std::move(announcement));
}

Announced announce_customer(
    Work& work,
    std::string_view stripe_type,
    const Customer& customer,
    std::string_view previous
) {
    std::string object =
        json_of([&](JsonWriter& writer) { append_customer(writer, work.around, customer); });
    return announce(work, stripe_only(stripe_type, std::move(object), previous));
}

Announced announce_method(
    Work& work,
    std::string_view stripe_type,
    const PaymentMethod& method,
    std::string_view previous
) {
    return announce(work, stripe_only(stripe_type, method_json(work, method), previous));
}

Announced announce_transfer(Work& work, std::string_view stripe_type, const Transfer& transfer) {
    const auto reversals = reversals_of(work.transaction.connection(), transfer.id);
    if (!reversals) return reversals.error();
    std::string object = json_of([&](JsonWriter& writer) {
        append_transfer(writer, work.around, transfer, *reversals);
    });
    return announce(work, stripe_only(stripe_type, std::move(object), {}));
}

Announced announce_balance_available(Work& work) {
    const auto balances = read_balances(work.transaction.connection(), work.owner);
    if (!balances) return balances.error();
    std::string object = json_of([&](JsonWriter& writer) {
        append_balance(writer, *balances, work.owner.livemode);
    });
    return announce(work, stripe_only("balance.available", std::move(object), {}));
}

}  // namespace postern::payments
