#include "core/crypto.hpp"
#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/dialects/onerway/outcome.hpp"
#include "payments/dialects/onerway/payment_input.hpp"
#include "payments/service/payment_service.hpp"

#include <array>

// What is done with payment intents. Lists and searches are in payment_intent_lists.cpp.
namespace postern::payments::onerway {
namespace {

using Tried = PaymentAnswer::Tried;

constexpr std::string_view kWhat = "payment_intent";
constexpr std::array<std::string_view, 4> kCancelReasons = {
    "abandoned",
    "duplicate",
    "fraudulent",
    "requested_by_customer"};

constexpr std::string_view kSecretKeyNeeded =
    "This PaymentIntent's confirmation_method is manual, so it must be confirmed with a secret key"
    " from your server.";

HttpReply no_such_intent(const Call& call) {
    return missing_reply({kWhat, call.path.front()});
}

// A publishable key sees a payment whole but for its method, which is what it brought itself.
ExpandTree read_expand_for(Incoming& in) {
    if (in.call().caller.key != KeyKind::publishable) {
        return read_expand(in.parameters(), Kind::payment_intent);
    }
    return read_expand(in.parameters(), Kind::public_payment_intent);
}

// The answer at once, or, where a gateway must be asked, how the payment stands when it has
// answered or is late.
template <class Change>
WritePlan payment_plan(PaymentAnswer answer, Change change) {
    const auto shown = std::make_shared<const PaymentAnswer>(std::move(answer));
    const auto id = std::make_shared<PaymentId>();
    WritePlan plan;
    plan.run = [shown, id, change = std::move(change)](Work& work) -> Reply {
        const Done<FullPayment> full = change(work);
        if (!full) return refusal_reply(work.around, full.error(), shown->asked);
        *id = full->payment.id;
        return payment_reply(work.books(), full->payment, *shown);
    };
    plan.answer_later = [shown, id](const Books& books) -> Reply {
        const auto full = load_payment(books, *id);
        if (!full) return refusal_reply(books.around, full.error(), shown->asked);
        return payment_reply(books, full->payment, *shown);
    };
    return plan;
}

// The edit with what only the payment knows. It may hold a number for the vault.
class CompletedEdit {
 public:
    explicit CompletedEdit(const PaymentEdit& edit) : edit_{edit} {}
    CompletedEdit(const CompletedEdit&) = delete;
    CompletedEdit& operator=(const CompletedEdit&) = delete;
    ~CompletedEdit() {
        if (edit_.new_method) forget(edit_.new_method->number);
    }

    Done<void> complete(const Books& books, PaymentId id, const PaymentChange& change) {
        if (!change.needs_payment()) return {};
        const auto full = load_payment(books, id);
        if (!full) return full.error();
        if (auto refusal = change.complete(edit_, full->payment)) return std::move(*refusal);
        return {};
    }
    PaymentEdit& edit() { return edit_; }

 private:
    PaymentEdit edit_;
};

// The change with its method, which is wiped when the last copy of the plan goes.
struct KeptChange {
    std::shared_ptr<const PaymentEdit> edit;
    PaymentChange rest;
};

KeptChange keep(PaymentChange change) {
    KeptChange kept;
    kept.edit = keep_until_done(std::move(change.edit));
    change.edit = {};
    kept.rest = std::move(change);
    return kept;
}

Done<FullPayment> update_kept(Work& work, PaymentId id, const KeptChange& change) {
    CompletedEdit completed{*change.edit};
    const auto done = completed.complete(work.books(), id, change.rest);
    if (!done) return done.error();
    return update_payment_of(work, id, completed.edit());
}

struct KeptConfirmation {
    KeptChange change;
    std::string client_secret;
    KeyKind key = KeyKind::secret;
};

// Confirmed by hand means by the shop's server, which has looked at the basket before.
Done<void> check_key(const Books& books, PaymentId id, const KeptConfirmation& kept) {
    if (kept.key == KeyKind::secret) return {};
    const auto full = load_payment(books, id);
    if (!full) return full.error();
    const Payment& payment = full->payment;
    if (payment.confirmation_method == ConfirmationMethod::automatic) return {};
    // Whoever does not know the secret is told of that alone.
    const std::string secret = client_secret_of(books.around.ids, payment);
    if (!equal_in_constant_time(kept.client_secret, secret)) return {};
    return Refusal{.reason = Reason::parameter_invalid, .detail = std::string{kSecretKeyNeeded}};
}

Done<FullPayment> confirm_kept(Work& work, PaymentId id, const KeptConfirmation& kept) {
    if (const auto may = check_key(work.books(), id, kept); !may) return may.error();
    CompletedEdit completed{*kept.change.edit};
    const auto done = completed.complete(work.books(), id, kept.change.rest);
    if (!done) return done.error();
    Confirmation confirmation{
        .edit = std::move(completed.edit()), .client_secret = kept.client_secret};
    auto confirmed = confirm_payment(work, id, confirmation);
    if (confirmation.edit.new_method) forget(confirmation.edit.new_method->number);
    return confirmed;
}

Asked asked_for(const Call& call, Operation operation) {
    return {.audience = audience_of(call), .operation = operation, .id = call.path.front()};
}

}  // namespace

Plan create_payment_intent(const Call& call) {
    Incoming in{call};
    PaymentCreation creation = read_payment_creation(in);
    PaymentAnswer answer{
        .asked = {.audience = audience_of(call), .operation = Operation::confirm},
        .expand = read_expand(in.parameters(), Kind::payment_intent),
        .method = creation.method,
        .tried = creation.then == ThenConfirm::yes ? Tried::yes : Tried::no};
    if (auto refusal = in.finish()) return std::move(*refusal);
    return payment_plan(std::move(answer), [creation = std::move(creation)](Work& work) {
        return create_payment(work, *creation.draft, creation.then);
    });
}

// A payment whose secret was not told is answered as absent.
Plan get_payment_intent(const Call& call) {
    Incoming in{call};
    PaymentAnswer answer{.asked = asked_for(call, Operation::other), .expand = read_expand_for(in)};
    const bool by_secret = call.caller.key == KeyKind::publishable;
    std::string secret = by_secret ? in.parameters().required_text("client_secret")
                                   : in.parameters().text("client_secret").value_or("");
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PaymentId>(call);
    if (!id) return no_such_intent(call);
    return ReadPlan{
        [id = *id, answer = std::move(answer), secret = std::move(secret)](const Books& books
        ) -> Reply {
            const auto full = load_payment(books, id);
            if (!full) return refusal_reply(books.around, full.error(), answer.asked);
            const std::string expected = client_secret_of(books.around.ids, full->payment);
            if (!secret.empty() && !equal_in_constant_time(secret, expected)) {
                return missing_reply({kWhat, answer.asked.id});
            }
            return payment_reply(books, full->payment, answer);
        }};
}

Plan update_payment_intent(const Call& call) {
    Incoming in{call};
    PaymentChange change = read_payment_update(in);
    PaymentAnswer answer{
        .asked = asked_for(call, Operation::update),
        .expand = read_expand(in.parameters(), Kind::payment_intent)};
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PaymentId>(call);
    if (!id) return no_such_intent(call);
    return payment_plan(std::move(answer), [id = *id, kept = keep(std::move(change))](Work& work) {
        return update_kept(work, id, kept);
    });
}

Plan confirm_payment_intent(const Call& call) {
    Incoming in{call};
    PaymentConfirmation confirmation = read_payment_confirmation(in);
    PaymentAnswer answer{
        .asked = asked_for(call, Operation::confirm),
        .expand = read_expand_for(in),
        .method = confirmation.change.method,
        .tried = Tried::yes};
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PaymentId>(call);
    if (!id) return no_such_intent(call);
    KeptConfirmation kept{
        .change = keep(std::move(confirmation.change)),
        .client_secret = std::move(confirmation.client_secret),
        .key = call.caller.key};
    return payment_plan(std::move(answer), [id = *id, kept = std::move(kept)](Work& work) {
        return confirm_kept(work, id, kept);
    });
}

Plan capture_payment_intent(const Call& call) {
    Incoming in{call};
    const auto minor = read_minor(in.parameters(), "amount_to_capture");
    PaymentAnswer answer{
        .asked = asked_for(call, Operation::capture),
        .expand = read_expand(in.parameters(), Kind::payment_intent)};
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PaymentId>(call);
    if (!id) return no_such_intent(call);
    return payment_plan(std::move(answer), [id = *id, minor](Work& work) {
        return capture_payment(work, id, minor);
    });
}

Plan cancel_payment_intent(const Call& call) {
    Incoming in{call};
    std::string reason = in.parameters().word("cancellation_reason", kCancelReasons).value_or("");
    PaymentAnswer answer{
        .asked = asked_for(call, Operation::cancel),
        .expand = read_expand(in.parameters(), Kind::payment_intent)};
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PaymentId>(call);
    if (!id) return no_such_intent(call);
    return payment_plan(std::move(answer), [id = *id, reason = std::move(reason)](Work& work) {
        return cancel_payment(work, id, reason);
    });
}

}  // namespace postern::payments::onerway
