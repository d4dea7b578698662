#include "payments/gateways/sandbox/sandbox_actions.hpp"
#include "payments/gateways/sandbox/sandbox_deeds.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/service/payment_service.hpp"
#include "tests/scenario/payments_world.hpp"

#include <array>

namespace postern::payments::scenario {
namespace {

constexpr std::array<std::string_view, 12> kCards = {
    "4242424242424242",  // succeeds, as most do
    "4242424242424242",
    "4000000000000077",  // available at once
    "4000000000000077",
    "4000000000000002",  // declined
    "4000000000009995",  // no money
    "4000002500003155",  // asks for a challenge
    "4000000000003220",  // frictionless
    "4000000000000259",  // disputed
    "4000000000007726",  // its refunds pend
    "4000000000005126",  // its refunds fail
    "4000009999990008",  // its gateway is silent
};
constexpr std::array<std::string_view, 2> kAccounts = {"000123456789", "000111111113"};
constexpr std::array<std::string_view, 3> kDestinations = {"ba_1", "ba_2", "ba_000111111116"};
constexpr std::array<std::string_view, 3> kEvidence = {
    "it was sent",
    "winning_evidence",
    "losing_evidence"};

const char* const kAnyPayment = "SELECT id FROM payments ORDER BY id";
const char* const kOpenDispute = "SELECT id FROM disputes WHERE status < 2 ORDER BY id";

template <class Choices>
auto pick(Random& random, const Choices& choices) {
    return choices[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(choices.size()))
    )];
}

NewMethod card_of(std::string_view number, const House& house) {
    CardInput input;
    input.number = number;
    input.exp_month = "12";
    input.exp_year = "2034";
    input.cvc = "123";
    const auto card = house.cards().tokenise(input, {});
    NewMethod made;
    made.method.owner = house.owner;
    if (card) made.method.card = *card;
    return made;
}

NewMethod account_of(std::string_view number, const House& house) {
    NewMethod made;
    made.method.owner = house.owner;
    made.method.type = MethodType::us_bank_account;
    made.method.bank = BankAccount{.last4 = std::string{number.substr(number.size() - 4)}};
    return made;
}

NewMethod any_method(Random& random, const House& house) {
    if (random.one_in(8)) return account_of(pick(random, kAccounts), house);
    return card_of(pick(random, kCards), house);
}

std::string any_gateway(Random& random, const House& house) {
    if (random.one_in(2)) return std::string{kDistant};
    return random.pick(std::vector<std::string>{
        house.gateways().all()[0].name,
        house.gateways().all()[1].name,
        house.gateways().all()[2].name});
}

// All of it, none of it, a part of it, or more than there can be.
std::optional<std::int64_t> any_part(Random& random) {
    if (random.one_in(3)) return std::nullopt;
    return random.one_in(10) ? random.below(1'000'000) : 1 + random.below(20'000);
}

}  // namespace

void PaymentsWorld::command() {
    switch (random_.below(14)) {
        case 0:
        case 1:
        case 2: return create();
        case 3: return confirm();
        case 4: return capture();
        case 5: return cancel();
        case 6:
        case 7: return refund();
        case 8: return visit_page();
        case 9: return answer_dispute();
        case 10: return play_bank();
        case 11: return pay_out();
        case 12: return transfer();
        default: return keep_customers();
    }
}

void PaymentsWorld::create() {
    PaymentDraft draft;
    draft.amount = {50 + random_.below(40'000), Currency{}};
    draft.gateway = any_gateway(random_, house_);
    if (random_.one_in(3)) draft.capture_method = CaptureMethod::manual;
    if (random_.one_in(4)) draft.confirmation_method = ConfirmationMethod::manual;
    const ThenConfirm then = random_.one_in(5) ? ThenConfirm::no : ThenConfirm::yes;
    if (then == ThenConfirm::yes || random_.one_in(2)) {
        draft.new_method = any_method(random_, house_);
    }
    if (const auto customer = any("SELECT id FROM customers WHERE deleted_at IS NULL");
        customer && random_.one_in(3)) {
        draft.customer = CustomerId{*customer};
    }
    perform("create", [&](Work& work) { return create_payment(work, draft, then); });
}

void PaymentsWorld::confirm() {
    const auto payment = any("SELECT id FROM payments WHERE status <= 2 ORDER BY id");
    if (!payment) return;
    Confirmation confirmation;
    if (random_.one_in(2)) confirmation.edit.new_method = any_method(random_, house_);
    perform("confirm", [&](Work& work) {
        return confirm_payment(work, PaymentId{*payment}, confirmation);
    });
}

void PaymentsWorld::capture() {
    const auto payment =
        random_.one_in(4) ? any(kAnyPayment) : any("SELECT id FROM payments WHERE status = 4");
    if (!payment) return;
    const auto part = any_part(random_);
    perform("capture", [&](Work& work) {
        return capture_payment(work, PaymentId{*payment}, part);
    });
}

void PaymentsWorld::cancel() {
    const auto payment = any(kAnyPayment);
    if (!payment) return;
    perform("cancel", [&](Work& work) {
        return cancel_payment(work, PaymentId{*payment}, "abandoned");
    });
}

void PaymentsWorld::refund() {
    if (random_.one_in(8)) {
        const auto pending = any("SELECT id FROM refunds WHERE status = 0");
        if (!pending) return;
        perform("cancel refund", [&](Work& work) {
            return cancel_refund(work, RefundId{*pending});
        });
        return;
    }
    const auto payment = any("SELECT id FROM payments WHERE received > 0 ORDER BY id");
    if (!payment) return;
    const RefundDraft draft{.payment = PaymentId{*payment}, .minor = any_part(random_)};
    perform("refund", [&](Work& work) { return create_refund(work, draft); });
}

void PaymentsWorld::visit_page() {
    const auto open = any("SELECT id FROM sandbox_actions WHERE state = 0 ORDER BY id");
    if (!open) return;
    const auto outcome = static_cast<ActionOutcome>(random_.below(3));
    const auto action = load_action(house_.connection(), house_.books().around, ActionId{*open});
    if (!action) return violate("store error", "action");
    if (!*action || standing_of(**action, house_.clock.at) != ActionStanding::waiting) return;
    // A provider shows no page of what it has canceled.
    const AtProvider* truth = house_.provider.find((*action)->payment.payment.id);
    if (truth != nullptr && truth->canceled == AtProvider::Canceled::yes) return;
    const auto [fate, decided] =
        must("page", [&](Work& work) { return decide_action(work, **action, outcome); });
    if (fate == House::Fate::crashes || !decided) return;
    house_.provider.correct(decided->payment.id, decided->payment.received_minor);
}

void PaymentsWorld::answer_dispute() {
    const auto dispute = any(kOpenDispute);
    if (!dispute) return;
    if (random_.one_in(4)) {
        perform("give in", [&](Work& work) { return close_dispute(work, DisputeId{*dispute}); });
        return;
    }
    EvidenceEdit edit;
    edit.evidence.push_back({"uncategorized_text", std::string{pick(random_, kEvidence)}});
    if (random_.one_in(3)) edit.submit = EvidenceEdit::Submit::no;
    perform("evidence", [&](Work& work) {
        return update_dispute_of(work, DisputeId{*dispute}, edit);
    });
}

void PaymentsWorld::play_bank() {
    if (const auto dispute = any(kOpenDispute); dispute && random_.one_in(2)) {
        const auto outcome = random_.one_in(2) ? DisputeStatus::won : DisputeStatus::lost;
        perform("resolve", [&](Work& work) {
            return resolve_by_sandbox(work, DisputeId{*dispute}, outcome);
        });
        return;
    }
    const auto payment = any("SELECT id FROM payments WHERE received > 0 ORDER BY id");
    if (!payment) return;
    DisputeWish wish;
    wish.payment = PaymentId{*payment};
    wish.reason = "general";
    if (random_.one_in(2)) wish.decimal = "0.75";
    perform("dispute", [&](Work& work) { return dispute_by_sandbox(work, wish); });
}

void PaymentsWorld::pay_out() {
    if (const auto pending = any("SELECT id FROM payouts WHERE status = 0");
        pending && random_.one_in(3)) {
        perform("cancel payout", [&](Work& work) {
            return cancel_payout(work, PayoutId{*pending});
        });
        return;
    }
    PayoutDraft draft;
    draft.amount = {1 + random_.below(30'000), Currency{}};
    draft.destination = pick(random_, kDestinations);
    if (random_.one_in(4)) draft.method = Payout::Method::instant;
    perform("pay out", [&](Work& work) { return create_payout(work, draft); });
}

void PaymentsWorld::transfer() {
    if (const auto made = any("SELECT id FROM transfers ORDER BY id"); made && random_.one_in(2)) {
        const auto part = any_part(random_);
        perform("reverse", [&](Work& work) {
            return reverse_transfer(work, TransferId{*made}, part, {});
        });
        return;
    }
    TransferDraft draft;
    draft.amount = {1 + random_.below(10'000), Currency{}};
    draft.destination = "acct_1";
    perform("transfer", [&](Work& work) { return create_transfer(work, draft); });
}

void PaymentsWorld::keep_customers() {
    const auto customer = any("SELECT id FROM customers WHERE deleted_at IS NULL");
    if (!customer || random_.one_in(4)) {
        perform("customer", [](Work& work) { return create_customer(work, {}); });
        return;
    }
    const CustomerId id{*customer};
    if (random_.one_in(6)) {
        perform("forget", [id](Work& work) { return delete_customer(work, id); });
        return;
    }
    const auto method = any("SELECT id FROM payment_methods WHERE state IN (0, 1, 3)");
    if (!method || random_.one_in(2)) {
        const NewMethod made = any_method(random_, house_);
        perform("save", [&](Work& work) { return create_method(work, made, id); });
        return;
    }
    const PaymentMethodId known{*method};
    if (random_.one_in(2)) {
        perform("attach", [&](Work& work) { return attach_method(work, known, id); });
    } else {
        perform("detach", [&](Work& work) { return detach_method(work, known); });
    }
}

}  // namespace postern::payments::scenario
