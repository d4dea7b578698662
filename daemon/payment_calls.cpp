#include "daemon/payment_calls.hpp"

#include "core/json_document.hpp"
#include "core/request_tree.hpp"
#include "daemon/accept_language.hpp"
#include "daemon/faces/face.hpp"
#include "daemon/write_once.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace postern::daemon {

using payments::KeyKind;
using payments::Needs;
using payments::ReadPlan;
using payments::WritePlan;

namespace {

Access access_of(Needs needs) {
    switch (needs) {
        case Needs::open: return Access::open;
        case Needs::publishable: return Access::publishable;
        case Needs::reading: return Access::reading;
        case Needs::writing: return Access::writing;
    }
    return Access::writing;
}

KeyKind kind_of(const Identity& identity) {
    switch (identity.kind) {
        case storage::KeyKind::secret: return KeyKind::secret;
        case storage::KeyKind::restricted: return KeyKind::restricted;
        case storage::KeyKind::publishable: return KeyKind::publishable;
    }
    return KeyKind::publishable;
}

payments::Owner owner_of(const ApiCall& call) {
    return {.account = call.identity.account, .livemode = call.identity.livemode};
}

payments::Language language_of(const HttpRequest& request) {
    const auto spoken = spoken_language(request.fields.value_or_empty("accept-language"));
    return spoken == SpokenLanguage::chinese ? payments::Language::chinese
                                             : payments::Language::english;
}

// The plan that would have told the key was not made.
std::string idempotency_key_in(const ApiCall& call) {
    if (call.route->payment->dialect != payments::Dialect::rcommerce) return {};
    const auto body = JsonDocument::parse(call.request.body);
    return body ? std::string{body->root()["idempotency_key"].string()} : std::string{};
}

constexpr std::array kExpandable = {
    KeyScope::payments_read,
    KeyScope::customers_read,
    KeyScope::balance_read};

// What is expanded lies elsewhere in the books than the path says, so a key that may not read all
// of them expands nothing.
std::optional<HttpReply> refuse_expansion(const ApiCall& call) {
    const KeyScopes& scopes = call.identity.scopes;
    const auto lacking =
        std::find_if(kExpandable.begin(), kExpandable.end(), [&scopes](KeyScope scope) {
            return !scopes.allow(scope);
        });
    if (lacking == kExpandable.end()) return std::nullopt;
    const auto parameters = read_parameters(call.request);
    if (!parameters || parameters->find("expand") == nullptr) return std::nullopt;
    std::string message = "This restricted key may not expand objects: it lacks the scope ";
    message += to_text(*lacking);
    return error_reply({.status = 403, .code = "FORBIDDEN", .message = std::move(message)});
}

// Stripe's face gives back the key of every request that has one, this one only where it counts.
void echo_key(const ApiCall& call, const std::optional<OnceRequest>& once, HttpReply& reply) {
    if (!once || face_of(call.request.path) == Face::stripe) return;
    reply.fields.push_back({"Idempotency-Key", once->key});
}

}  // namespace

// What one write has come to; started anew by each run of its work.
struct PaymentCalls::Run {
    std::optional<OnceRequest> once;
    HttpReply reply;
    std::vector<payments::OrderId> orders;
    std::vector<dispatch::Nudge> nudges;
};

std::vector<Route> mounted(std::span<const payments::Route> routes) {
    std::vector<Route> mounted;
    for (const payments::Route& route : routes) {
        mounted.push_back(
            {.method = route.method,
             .pattern = route.pattern,
             .access = access_of(route.needs),
             .payment = &route}
        );
    }
    return mounted;
}

const payments::Surroundings& PaymentCalls::around(const ApiCall& call) const {
    // A page of the sandbox is nobody's call: the payment that it is about says whose it is.
    const bool nobody = call.route->access == Access::open;
    return nobody ? parts_.surroundings.everything() : parts_.surroundings.of(owner_of(call));
}

payments::Call PaymentCalls::call_of(const ApiCall& call) const {
    return {
        .around = around(call),
        .request = call.request,
        .path = call.path_parameters,
        .caller = {.owner = owner_of(call), .key = kind_of(call.identity)},
        .language = language_of(call.request),
        .now = parts_.clock.now(),
        .request_id = call.request_id};
}

net::Task<HttpReply> PaymentCalls::answer(const ApiCall& call) {
    if (auto refused = refuse_expansion(call)) co_return std::move(*refused);
    const payments::Call asked = call_of(call);
    payments::Plan plan = call.route->payment->plan(asked);
    if (auto* reply = std::get_if<HttpReply>(&plan)) {
        auto refusing = refuse(call, std::move(*reply));
        co_return co_await std::move(refusing);
    }
    if (auto* reading = std::get_if<ReadPlan>(&plan)) {
        auto running = read(call, std::move(*reading));
        co_return co_await std::move(running);
    }
    auto running = write(call, std::move(std::get<WritePlan>(plan)));
    co_return co_await std::move(running);
}

// A key that was used before is told of first, whatever else is wrong with the request now.
net::Task<HttpReply> PaymentCalls::refuse(const ApiCall& call, HttpReply refusal) {
    if (refusal.status < 400) co_return refusal;
    const std::string key_in_body = idempotency_key_in(call);
    auto looking = answered_before(call, key_in_body);
    std::optional<HttpReply> before = co_await std::move(looking);
    co_return before ? std::move(*before) : std::move(refusal);
}

net::Task<HttpReply> PaymentCalls::read(const ApiCall& call, ReadPlan plan) {
    HttpReply reply;
    const ReadWork work = [this, &call, &plan, &reply](storage::Connection& connection
                          ) -> StoreResult {
        auto made = plan({connection, around(call), owner_of(call), parts_.clock.now()});
        if (!made) return made.error();
        reply = std::move(*made);
        return {};
    };
    auto reading = read_store(parts_.store.store, call.thread, work);
    const StoreResult done = co_await std::move(reading);
    if (!done) co_return store_error_reply(done.error());
    co_return reply;
}

StoreResult PaymentCalls::run(
    storage::Transaction& transaction,
    const ApiCall& call,
    const WritePlan& plan,
    Run& run
) const {
    run.orders.clear();
    run.nudges.clear();
    if (run.once) {
        auto before = find_answer(transaction.connection(), call, *run.once);
        if (!before) return before.error();
        if (*before) {
            run.reply = std::move(**before);
            return {};
        }
    }
    EventWriter events = parts_.store.event_writer();
    payments::Work work{
        .transaction = transaction,
        .around = around(call),
        .events = events,
        .owner = owner_of(call),
        .request = {
            .request_id = call.request_id,
            .idempotency_key = run.once ? run.once->key : std::string{},
            .trace = call.trace}};
    auto made = plan.run(work);
    if (!made) return made.error();
    run.reply = std::move(*made);
    run.orders = std::move(work.orders);
    run.nudges = events.take_nudges();
    if (!run.once || !is_to_be_kept(run.reply)) return {};
    return keep_answer(transaction, call.around.secrets, *run.once, run.reply);
}

net::Task<HttpReply> PaymentCalls::write(const ApiCall& call, WritePlan plan) {
    ReadOnce read_key = read_once(call, plan.idempotency_key);
    if (read_key.refusal) co_return std::move(*read_key.refusal);
    Run result{.once = std::move(read_key.once), .reply = {}, .orders = {}, .nudges = {}};
    std::optional<KeysInUse::Hold> hold;
    if (result.once) {
        auto taken = keys_.take(*result.once);
        if (!taken) co_return key_in_use_reply(call, *result.once);
        hold.emplace(std::move(*taken));
    }
    const WriteWork work = [this, &call, &plan, &result](storage::Transaction& transaction
                           ) -> StoreResult {
        return run(transaction, call, plan, result);
    };
    auto writing = write_store(parts_.store.store, call.thread, work);
    const WriteResult written = co_await std::move(writing);
    if (!written) co_return store_error_reply(written.error());
    parts_.store.committed(std::move(result.nudges));
    echo_key(call, result.once, result.reply);
    if (result.orders.empty()) co_return std::move(result.reply);
    parts_.orders.wake();
    if (!plan.answer_later) co_return std::move(result.reply);
    auto waiting = wait_for_gateway(call, std::move(plan.answer_later), result);
    co_return co_await std::move(waiting);
}

// The first answer is kept already, so a crash from here on leaves one that is true: "processing".
net::Task<HttpReply>
PaymentCalls::wait_for_gateway(const ApiCall& call, ReadPlan later, Run& result) {
    auto sleeping =
        parts_.orders.wait_for(std::move(result.orders), parts_.gateway_wait, call.thread);
    co_await std::move(sleeping);
    auto reading = read(call, std::move(later));
    HttpReply reply = co_await std::move(reading);
    if (reply.status >= 500) co_return std::move(result.reply);
    echo_key(call, result.once, reply);
    if (!result.once || !is_to_be_kept(reply)) co_return reply;
    const WriteWork keep = [&call, &result, &reply](storage::Transaction& transaction
                           ) -> StoreResult {
        return keep_answer(transaction, call.around.secrets, *result.once, reply);
    };
    auto keeping = write_store(parts_.store.store, call.thread, keep);
    const WriteResult kept = co_await std::move(keeping);
    // What is true now and could not be kept would be another answer than the next one.
    if (!kept) co_return std::move(result.reply);
    co_return reply;
}

}  // namespace postern::daemon
