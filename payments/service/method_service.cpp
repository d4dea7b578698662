#include "payments/card_desk.hpp"
#include "payments/domain/test_cards.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/service/method_steps.hpp"
#include "payments/service/previous_attributes.hpp"

#include <algorithm>
#include <utility>

namespace postern::payments {
namespace {

using State = PaymentMethod::State;

constexpr std::string_view kReadyMadeBankAccount = "pm_usBankAccount";
constexpr int kReadyMadeYear = 2034;

// However it ends, the copy of the number that was handed to us goes.
class NumberGuard {
 public:
    explicit NumberGuard(NewMethod& draft) : draft_{draft} {}
    NumberGuard(const NumberGuard&) = delete;
    NumberGuard& operator=(const NumberGuard&) = delete;
    ~NumberGuard() { forget(draft_.number); }

 private:
    NewMethod& draft_;
};

// Test methods come without a fingerprint, which takes the desk's key.
void complete_card(const Surroundings& around, NewMethod& draft) {
    if (!draft.method.card || draft.number.empty()) return;
    Card& card = *draft.method.card;
    if (!card.fingerprint.empty()) return;
    CardInput input;
    input.number = draft.number;
    input.exp_month = std::to_string(card.exp_month);
    input.exp_year = std::to_string(card.exp_year);
    const auto tokenised = around.cards.tokenise(input, {});
    if (tokenised) card.fingerprint = tokenised->fingerprint;
}

// A gateway with a token of its own needs no number.
void seal_number(const Surroundings& around, NewMethod& draft) {
    PaymentMethod& method = draft.method;
    if (draft.number.empty() || !method.gateway_token.empty()) return;
    if (around.cards.has_vault()) method.vault = around.cards.seal(draft.number, method.id);
}

// `draft.method` as it was written, and no number any more.
Result<void, StoreError> write_method(Work& work, NewMethod& draft) {
    draft.method.id = PaymentMethodId{work.transaction.next_id()};
    draft.method.owner = work.owner;
    complete_card(work.around, draft);
    seal_number(work.around, draft);
    forget(draft.number);
    return insert_payment_method(work.transaction, draft.method);
}

Done<PaymentMethod> create_for(Work& work, NewMethod draft, Customer customer) {
    draft.method.customer = customer.id;
    draft.method.state = State::usable;
    if (const auto done = write_method(work, draft); !done) return Failure{done.error()};
    customer.methods += 1;
    if (const auto done = update_customer(work.transaction, customer); !done) {
        return Failure{done.error()};
    }
    const auto told = announce_method(work, "payment_method.attached", draft.method);
    if (!told) return Failure{told.error()};
    return std::move(draft.method);
}

Failure not_attached(const Books& books, PaymentMethodId id) {
    return Refusal{
        .reason = Reason::method_not_usable,
        .parameter = "payment_method",
        .what = "payment_method",
        .id = stripe_id(books.around.ids, id),
        .detail =
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible."};
}

NewMethod ready_made_bank_account() {
    NewMethod made;
    made.method.type = MethodType::us_bank_account;
    made.method.bank = BankAccount{
        .last4 = "6789",
        .routing_number = "110000000",
        .holder_name = "Jenny Rosen",
        .bank_name = "STRIPE TEST BANK",
        .fingerprint = {}};
    return made;
}

}  // namespace

Done<PaymentMethod>
create_method(Work& work, NewMethod draft, std::optional<CustomerId> attach_to) {
    const NumberGuard guard{draft};
    if (attach_to) {
        auto customer = need_customer(work.books(), *attach_to, {"customer"});
        if (!customer) return customer.error();
        if (auto refusal = why_not_take_method(*customer)) return Failure{std::move(*refusal)};
        return create_for(work, std::move(draft), std::move(*customer));
    }
    draft.method.customer.reset();
    if (const auto done = write_method(work, draft); !done) return Failure{done.error()};
    return std::move(draft.method);
}

Done<PaymentMethod> load_method(const Books& books, PaymentMethodId id) {
    return need_method(books, id, {});
}

PaymentMethod preview_of(const Books& books, const NewMethod& ready_made) {
    NewMethod draft = ready_made;
    const NumberGuard guard{draft};
    draft.method.owner = books.owner;
    complete_card(books.around, draft);
    return std::move(draft.method);
}

std::optional<NewMethod> ready_made_method(std::string_view name) {
    if (name == kReadyMadeBankAccount) return ready_made_bank_account();
    const TestCard* card = find_ready_made(name);
    if (card == nullptr) return std::nullopt;
    NewMethod made;
    made.number = card->number;
    made.method.card = Card{
        .brand = card->brand,
        .last4 = made.number.substr(made.number.size() - 4),
        .exp_month = 12,
        .exp_year = kReadyMadeYear,
        .funding = std::string{card->funding},
        .cvc_check = Card::CvcCheck::pass,
        .scenario = card->scenario};
    return made;
}

std::optional<Refusal> why_not_update(const PaymentMethod& method, const MethodEdit& edit) {
    if (method.state == State::deleted) {
        return Refusal{.reason = Reason::method_not_usable, .parameter = "payment_method"};
    }
    if (!edit.exp_month && !edit.exp_year) return std::nullopt;
    if (!method.card) {
        return Refusal{
            .reason = Reason::parameter_invalid,
            .parameter = "card",
            .detail = "Only a card has an expiry."};
    }
    if (edit.exp_month && (*edit.exp_month < 1 || *edit.exp_month > 12)) {
        return Refusal{.reason = Reason::card_month_invalid, .parameter = "card[exp_month]"};
    }
    if (edit.exp_year && (*edit.exp_year < 2020 || *edit.exp_year > 2099)) {
        return Refusal{.reason = Reason::card_year_invalid, .parameter = "card[exp_year]"};
    }
    return std::nullopt;
}

Done<PaymentMethod> update_method(Work& work, PaymentMethodId id, const MethodEdit& edit) {
    auto found = need_method(work.books(), id, {});
    if (!found) return found;
    if (auto refusal = why_not_update(*found, edit)) return Failure{std::move(*refusal)};
    PaymentMethod changed = *found;
    if (edit.billing) changed.billing = *edit.billing;
    if (edit.exp_month) changed.card->exp_month = *edit.exp_month;
    if (edit.exp_year) changed.card->exp_year = *edit.exp_year;
    merge(changed.metadata, edit.metadata, edit.clear_metadata);
    if (changed == *found) return changed;
    if (const auto done = update_payment_method(work.transaction, changed); !done) {
        return Failure{done.error()};
    }
    const std::string previous =
        previous_attributes(work.around, Change<PaymentMethod>{*found, changed});
    if (previous.empty()) return changed;  // the same, in another order
    const auto told = announce_method(work, "payment_method.updated", changed, previous);
    if (!told) return Failure{told.error()};
    return changed;
}

Done<PaymentMethod> attach_method(Work& work, PaymentMethodId id, CustomerId customer_id) {
    auto method = need_method(work.books(), id, {});
    if (!method) return method;
    auto customer = need_customer(work.books(), customer_id, {"customer"});
    if (!customer) return customer.error();
    if (method->customer == customer->id) return method;
    if (auto refusal = why_not_attach(*method)) return Failure{std::move(*refusal)};
    if (auto refusal = why_not_take_method(*customer)) return Failure{std::move(*refusal)};
    if (const auto done = attach(work, *method, *customer); !done) return Failure{done.error()};
    return method;
}

Done<PaymentMethod> detach_method(Work& work, PaymentMethodId id) {
    auto method = need_method(work.books(), id, {});
    if (!method) return method;
    if (!method->customer) return not_attached(work.books(), id);
    if (const auto done = detach(work, *method, State::used_up); !done) {
        return Failure{done.error()};
    }
    return method;
}

Done<PaymentMethod> delete_method(Work& work, PaymentMethodId id) {
    auto method = need_method(work.books(), id, {});
    if (!method) return method;
    if (method->state == State::deleted || method->state == State::used_up) {
        return Failure{Refusal{
            .reason = Reason::not_found,
            .what = "payment_method",
            .id = stripe_id(work.around.ids, id)}};
    }
    if (const auto done = detach(work, *method, State::deleted); !done) {
        return Failure{done.error()};
    }
    return method;
}

Done<PaymentMethod> make_default(Work& work, PaymentMethodId id, CustomerId customer) {
    CustomerEdit edit;
    edit.default_method = id;
    const auto updated = update_customer_of(work, customer, edit);
    if (!updated) return updated.error();
    return need_method(work.books(), id, {});
}

}  // namespace postern::payments
