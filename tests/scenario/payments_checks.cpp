#include "payments/domain/dispute.hpp"
#include "payments/domain/payout.hpp"
#include "payments/domain/refund.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/owner_counts.hpp"
#include "tests/scenario/payments_world.hpp"

#include <algorithm>

// Looks at the rows themselves, so the statuses stand here by their stored numbers.
namespace postern::payments::scenario {
namespace {

static_assert(static_cast<int>(PaymentStatus::processing) == 3);
static_assert(static_cast<int>(PaymentStatus::requires_capture) == 4);
static_assert(static_cast<int>(PaymentStatus::succeeded) == 5);
static_assert(static_cast<int>(PaymentStatus::canceled) == 6);
static_assert(static_cast<int>(Charge::Status::succeeded) == 1);
static_assert(static_cast<int>(RefundStatus::pending) == 0);
static_assert(static_cast<int>(RefundStatus::succeeded) == 1);
static_assert(static_cast<int>(RefundStatus::failed) == 2);
static_assert(static_cast<int>(PayoutStatus::in_transit) == 1);
static_assert(static_cast<int>(PayoutStatus::paid) == 2);
static_assert(static_cast<int>(DisputeStatus::won) == 2);
static_assert(static_cast<int>(DisputeStatus::lost) == 3);

}  // namespace

void PaymentsWorld::check_step() {
    const auto books = audit_books(house_.connection());
    if (!books) return violate("store error", "audit");
    if (!books->empty()) return violate("the books", books->front());
    check_payments();
    const auto count = [this](Counted what) {
        const auto kept = read_count(house_.connection(), {house_.owner, what});
        return kept ? *kept : -1;
    };
    struct Case {
        Counted what;
        const char* sql;
    };
    const Case cases[] = {
        {Counted::payments, "SELECT COUNT(*) FROM payments"},
        {Counted::customers, "SELECT COUNT(*) FROM customers WHERE deleted_at IS NULL"},
        {Counted::balance_transactions, "SELECT COUNT(*) FROM balance_transactions"},
    };
    for (const Case& each : cases) {
        if (count(each.what) != house_.number(each.sql)) violate("a count is wrong", each.sql);
    }
    const auto events = static_cast<std::int64_t>(house_.door.told.size());
    if (house_.number("SELECT COUNT(*) FROM events") != events) violate("events are lost", "");
}

void PaymentsWorld::expect_none(std::string_view what, const std::string& sql) {
    const auto found = house_.numbers(sql);
    if (!found.empty()) violate(what, std::to_string(found.front()));
}

void PaymentsWorld::check_payments() {
    expect_none(
        "refunds exceed what was received",
        "SELECT id FROM payments WHERE refunded > received OR refunded < 0"
    );
    expect_none(
        "more is held and taken than was agreed on",
        "SELECT id FROM payments WHERE received + capturable > amount"
    );
    expect_none(
        "money without a status that says so",
        "SELECT id FROM payments WHERE (received > 0) <> (status = 5)"
        " OR (capturable > 0) <> (status = 4)"
    );
    expect_none(
        "two charges of one payment succeeded",
        "SELECT payment_id FROM charges WHERE status = 1 GROUP BY payment_id HAVING COUNT(*) > 1"
    );
    expect_none(
        "a charge is booked twice",
        "SELECT MIN(id) FROM balance_transactions WHERE type IN (0, 1) GROUP BY type, source"
        " HAVING COUNT(*) > 1"
    );
    expect_none(
        "refunds of one payment do not add up",
        "SELECT payments.id FROM payments JOIN charges ON charges.payment_id = payments.id"
        " WHERE charges.status = 1 AND charges.refunded <> payments.refunded"
    );
    expect_none(
        "a customer's methods are not counted",
        "SELECT id FROM customers WHERE methods <>"
        " (SELECT COUNT(*) FROM payment_methods WHERE customer_id = customers.id)"
    );
}

void PaymentsWorld::check_end() {
    expect_none("a payment never ended", "SELECT id FROM payments WHERE status = 3");
    expect_none("a refund never ended", "SELECT id FROM refunds WHERE status = 0");
    expect_none("a payout never ended", "SELECT id FROM payouts WHERE status IN (0, 1)");
    check_announcements();
    check_provider();
}

std::int64_t PaymentsWorld::told(std::string_view name, std::int64_t subject) const {
    return std::count_if(house_.door.told.begin(), house_.door.told.end(), [&](const Told& told) {
        return told.name == name && told.subject == subject;
    });
}

void PaymentsWorld::expect_told(
    std::string_view name,
    const std::string& subjects,
    std::int64_t times
) {
    for (const std::int64_t subject : house_.numbers(subjects)) {
        const std::int64_t counted = told(name, subject);
        if (counted == times) continue;
        std::string detail{name};
        detail += " of " + std::to_string(subject) + ": " + std::to_string(counted) + " times";
        violate("not told once", detail);
    }
}

void PaymentsWorld::check_announcements() {
    struct Case {
        const char* name;
        const char* table;
        const char* once;
        const char* never;
    };
    const Case cases[] = {
        {"payment.created", "payments", "1 = 1", "1 = 0"},
        {"payment.succeeded", "payments", "status = 5", "status <> 5"},
        {"payment.canceled", "payments", "status = 6", "status <> 6"},
        {"refund.created", "refunds", "1 = 1", "1 = 0"},
        {"refund.succeeded", "refunds", "status = 1", "status = 3"},
        {"refund.failed", "refunds", "status = 2", "status <> 2"},
        {"dispute.created", "disputes", "1 = 1", "1 = 0"},
        {"dispute.closed", "disputes", "status IN (2, 3)", "status NOT IN (2, 3)"},
        {"payout.created", "payouts", "1 = 1", "1 = 0"},
        {"payout.paid", "payouts", "status = 2", "status = 4"},
        {"payout.failed", "payouts", "status = 3", "status <> 3"},
    };
    for (const Case& each : cases) {
        const std::string from = std::string{"SELECT id FROM "} + each.table + " WHERE ";
        expect_told(each.name, from + each.once, 1);
        expect_told(each.name, from + each.never, 0);
    }
}

// Of the gateway far away we know what really happened there.
void PaymentsWorld::check_provider() {
    const std::int64_t number = house_.gateways().find(kDistant)->number.value;
    const std::string from = " FROM payments WHERE gateway = " + std::to_string(number);
    const auto ids = house_.numbers("SELECT id" + from + " ORDER BY id");
    const auto received = house_.numbers("SELECT received" + from + " ORDER BY id");
    const auto status = house_.numbers("SELECT status" + from + " ORDER BY id");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const AtProvider* truth = house_.provider.find(PaymentId{ids[i]});
        const std::int64_t captured = truth == nullptr ? 0 : truth->captured_minor;
        const bool canceled = truth != nullptr && truth->canceled == AtProvider::Canceled::yes;
        std::string which = std::to_string(ids[i]) + " has " + std::to_string(received[i]);
        which += ", its provider took " + std::to_string(captured);
        if (received[i] != captured) {
            violate("a payment is not where its provider says", which);
        }
        if (canceled && status[i] != 6) violate("canceled at its provider alone", which);
    }
}

}  // namespace postern::payments::scenario
