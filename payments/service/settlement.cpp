#include "payments/service/settlement.hpp"

#include "core/assert.hpp"
#include "payments/domain/paying_terms.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/records/gateway_records.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/customer_service.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace postern::payments {
namespace {

using Written = Result<void, StoreError>;

constexpr std::chrono::minutes kActionLives{30};
// Why a hold ends by itself, in the words of Stripe's clients.
constexpr std::array<std::string_view, 2> kExpiries = {"automatic", "expired"};
constexpr std::string_view kAuthenticationFailure = "payment_intent_authentication_failure";

// What happens beside a payment's move: its charge, the books, its method, the events.
class Settlement {
 public:
    struct Parts {
        Work& work;
        FullPayment& full;
        const Payment& before;
        const AnswerTerms& terms;
    };
    explicit Settlement(const Parts& parts)
        : work_{parts.work}, full_{parts.full}, before_{parts.before}, terms_{parts.terms} {}

    Written operator()(const Authorized& fact);
    Written operator()(const Captured& fact);
    Written operator()(const Processing& fact);
    Written operator()(const ActionRequired& fact);
    Written operator()(const ActionPassed& fact);
    Written operator()(const Declined& fact);
    Written operator()(const Canceled& fact);
    Written end_action();

 private:
    enum class Row { added, changed };

    Row open_charge();
    Written save(Row row);
    Written book();
    Written spend_method();
    Written attach_spent_method();
    std::int64_t fee() const;
    Bucket bucket() const;

    struct Told {
        std::optional<EventType> type;
        std::string_view stripe_only;  // where there is no type
    };
    Written tell(std::initializer_list<Told> events);

    Work& work_;
    FullPayment& full_;
    const Payment& before_;
    const AnswerTerms& terms_;
};

// The charge of this try: the one that is under way, or else a new one.
Settlement::Row Settlement::open_charge() {
    const bool pending = full_.charge && full_.charge->status == Charge::Status::pending;
    full_.payment.authenticated_method.reset();
    if (!pending) {
        Charge charge;
        charge.id = ChargeId{work_.transaction.next_id()};
        charge.owner = work_.owner;
        charge.payment = full_.payment.id;
        charge.amount = full_.payment.amount;
        charge.customer = full_.payment.customer;
        charge.created_at = work_.now();
        if (full_.method) {
            charge.method = full_.method->id;
            charge.method_type = full_.method->type;
            charge.card = full_.method->card;
            charge.bank = full_.method->bank;
            charge.billing = full_.method->billing;
        }
        full_.charge = std::move(charge);
        full_.payment.latest_charge = full_.charge->id;
    }
    if (terms_.three_d_secure != Charge::ThreeDSecure::none) {
        full_.charge->three_d_secure = terms_.three_d_secure;
    }
    if (!terms_.gateway_charge_id.empty()) {
        full_.charge->gateway_charge_id = terms_.gateway_charge_id;
    }
    return pending ? Row::changed : Row::added;
}

Written Settlement::save(Row row) {
    const Written written = row == Row::added ? insert_charge(work_.transaction, *full_.charge)
                                              : update_charge(work_.transaction, *full_.charge);
    if (!written) return written.error();
    return save_payment(work_, full_.payment, before_);
}

std::int64_t Settlement::fee() const {
    if (terms_.fee_minor) return *terms_.fee_minor;
    const PaymentGateway* gateway = work_.around.gateways.find(full_.payment.gateway);
    const bool live = gateway != nullptr && gateway->mode == PaymentGateway::Mode::live;
    return live ? 0 : sandbox_fee(full_.payment.received_minor);
}

Bucket Settlement::bucket() const {
    if (terms_.bucket) return *terms_.bucket;
    const auto& card = full_.charge->card;
    if (card && card->scenario == CardScenario::available_at_once) return Bucket::available;
    return card ? Bucket::pending_instant : Bucket::pending;
}

Written Settlement::book() {
    const auto line = book_charge(
        work_,
        *full_.charge,
        {.gross = full_.payment.received_minor, .fee = fee(), .bucket = bucket()}
    );
    if (!line) return line.error();
    full_.charge->balance_transaction = line->id;
    return {};
}

// A method that is nobody's pays once, unless it is to be kept.
Written Settlement::spend_method() {
    if (!full_.method || full_.method->customer) return {};
    const bool keepable = full_.method->card || full_.method->bank;
    const PayingTerms terms = paying_terms(full_.payment, full_.method->type);
    const bool to_keep = keepable && !terms.future_usage.empty();
    if (to_keep && full_.payment.customer) return attach_spent_method();
    if (full_.method->state != PaymentMethod::State::usable) return {};
    full_.method->state = to_keep ? PaymentMethod::State::reusable : PaymentMethod::State::used_up;
    return update_payment_method(work_.transaction, *full_.method);
}

// The payment stands whatever becomes of this: a customer who has too many methods by now has paid
// all the same.
Written Settlement::attach_spent_method() {
    auto attached = attach_method(work_, full_.method->id, *full_.payment.customer);
    if (attached) {
        full_.method = std::move(*attached);
        return {};
    }
    const Failure failure = attached.error();
    if (failure.store_error() != nullptr) return *failure.store_error();
    return {};
}

// Whoever still looks at the page shall not be asked for what no one waits for.
Written Settlement::end_action() {
    if (!before_.next_action || full_.payment.next_action) return {};
    const auto closed =
        close_action(work_.transaction, before_.next_action->id, ActionRow::State::expired);
    if (!closed) return closed.error();
    return {};
}

Written Settlement::tell(std::initializer_list<Told> events) {
    for (const Told& told : events) {
        Announced announced;
        if (told.type) {
            announced = announce_payment(work_, *told.type, full_);
        } else if (told.stripe_only.starts_with("charge.")) {
            announced = announce_charge(work_, told.stripe_only, *full_.charge, full_);
        } else {
            announced = announce_payment_only(work_, told.stripe_only, full_);
        }
        if (!announced) return announced.error();
    }
    return {};
}

Written Settlement::operator()(const Authorized&) {
    const Row row = open_charge();
    full_.charge->status = Charge::Status::succeeded;
    if (const Written spent = spend_method(); !spent) return spent;
    if (const Written saved = save(row); !saved) return saved;
    return tell({{{}, "payment_intent.amount_capturable_updated"}, {{}, "charge.succeeded"}});
}

Written Settlement::operator()(const Captured&) {
    const bool held = before_.status == PaymentStatus::requires_capture;
    POSTERN_ASSERT(!held || full_.charge.has_value());
    const Row row = held ? Row::changed : open_charge();
    Charge& charge = *full_.charge;
    charge.status = Charge::Status::succeeded;
    charge.captured = Charge::Captured::yes;
    charge.captured_minor = full_.payment.received_minor;
    if (!held) {
        if (const Written spent = spend_method(); !spent) return spent;
    }
    if (const Written booked = book(); !booked) return booked;
    if (const Written saved = save(row); !saved) return saved;
    const Told first = held ? Told{EventType::payment_captured, {}} : Told{{}, "charge.succeeded"};
    return tell({first, {EventType::payment_succeeded, {}}});
}

Written Settlement::operator()(const Processing&) {
    const Row row = open_charge();
    if (const Written saved = save(row); !saved) return saved;
    return tell({{{}, "payment_intent.processing"}});
}

// The page is a row, so that it can be found, used once and expire.
Written Settlement::operator()(const ActionRequired&) {
    NextAction& action = *full_.payment.next_action;
    if (action.expires_at == TimePoint{}) action.expires_at = work_.now() + kActionLives;
    if (action.return_url.empty()) action.return_url = full_.payment.details.return_url;
    ActionRow row{
        .id = action.id,
        .owner = work_.owner,
        .payment = full_.payment.id,
        .kind = action.kind,
        .expires_at = action.expires_at,
        .return_url = action.return_url};
    if (const Written added = insert_action(work_.transaction, row); !added) return added;
    action.id = row.id;
    if (const Written saved = save_payment(work_, full_.payment, before_); !saved) return saved;
    return tell({{EventType::payment_requires_action, {}}});
}

Written Settlement::operator()(const ActionPassed&) {
    if (full_.payment.status == PaymentStatus::requires_confirmation) {
        full_.payment.authenticated_method = full_.payment.method;
    }
    if (const Written saved = save_payment(work_, full_.payment, before_); !saved) return saved;
    return tell({{EventType::payment_action_completed, {}}});
}

// Who fails the challenge never reaches the bank: unless one is under way there is no charge.
Written Settlement::operator()(const Declined& fact) {
    const bool pending = full_.charge && full_.charge->status == Charge::Status::pending;
    if (!pending && fact.error.code == kAuthenticationFailure) {
        full_.failed_method = std::exchange(full_.method, {});
        full_.payment.authenticated_method.reset();
        if (const Written saved = save_payment(work_, full_.payment, before_); !saved) return saved;
        return tell({{EventType::payment_failed, {}}});
    }
    const Row row = open_charge();
    full_.charge->status = Charge::Status::failed;
    full_.charge->error = fact.error;
    full_.failed_method = std::exchange(full_.method, {});
    if (const Written saved = save(row); !saved) return saved;
    return tell({{{}, "charge.failed"}, {EventType::payment_failed, {}}});
}

// A try that was under way failed by it; a hold that nobody gave up ran out.
Written Settlement::operator()(const Canceled& fact) {
    const bool pending = full_.charge && full_.charge->status == Charge::Status::pending;
    const bool held = full_.charge && before_.status == PaymentStatus::requires_capture;
    const bool expired =
        held && std::find(kExpiries.begin(), kExpiries.end(), fact.reason) != kExpiries.end();
    if (pending) {
        full_.charge->status = Charge::Status::failed;
        const Written ended = update_charge(work_.transaction, *full_.charge);
        if (!ended) return ended;
    }
    if (const Written saved = save_payment(work_, full_.payment, before_); !saved) return saved;
    if (pending || expired) {
        const Written told = tell({{{}, pending ? "charge.failed" : "charge.expired"}});
        if (!told) return told;
    }
    return tell({{EventType::payment_canceled, {}}});
}

// A payment is also processing while its gateway has not answered at all. That it goes on at the
// bank is news then, though the status stays.
bool is_first_word(const FullPayment& full, const PaymentFact& fact) {
    if (!std::holds_alternative<Processing>(fact)) return false;
    if (full.payment.status != PaymentStatus::processing) return false;
    return !full.charge || full.charge->status != Charge::Status::pending;
}

}  // namespace

Result<void, StoreError> save_payment(Work& work, Payment& payment, const Payment& before) {
    if (payment.version == 0) return insert_payment(work.transaction, payment);
    const auto saved = update_payment(work.transaction, payment, before);
    if (!saved) return saved.error();
    if (!*saved) return StoreError::busy;
    return {};
}

Result<Effect, StoreError>
settle_fact(Work& work, FullPayment& full, const PaymentFact& fact, const AnswerTerms& terms) {
    const Payment before = full.payment;
    const bool first_word = is_first_word(full, fact);
    if (!terms.gateway_payment_id.empty()) {
        full.payment.gateway_payment_id = terms.gateway_payment_id;
    }
    const Effect effect = apply(full.payment, fact, work.now());
    if (effect != Effect::moved && !first_word) {
        if (full.payment == before) return effect;
        if (const Written saved = save_payment(work, full.payment, before); !saved) {
            return saved.error();
        }
        return effect;
    }
    Settlement settlement{{.work = work, .full = full, .before = before, .terms = terms}};
    const Written settled = std::visit(settlement, fact);
    if (!settled) return settled.error();
    if (const Written ended = settlement.end_action(); !ended) return ended.error();
    return Effect::moved;
}

Result<Settled, StoreError>
settle_payment(Work& work, const Payment& payment, const PaymentFact& fact) {
    auto full = complete_payment(work.books(), payment);
    if (!full) return full.error();
    const auto effect = settle_fact(work, *full, fact, {});
    if (!effect) return effect.error();
    return Settled{std::move(*full), *effect};
}

}  // namespace postern::payments
