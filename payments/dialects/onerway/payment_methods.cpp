#include "payments/dialects/onerway/endpoints.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/dialects/onerway/lists.hpp"
#include "payments/dialects/onerway/method_input.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/service/customer_service.hpp"

#include <limits>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kWhat = "payment_method";

struct MethodChange {
    BillingChange billing;
    std::optional<int> exp_month, exp_year;
    MetadataChange metadata;
};

// Out of range in any case is out of range for a month or a year.
std::optional<int> read_small(Parameters& parameters, std::string_view name) {
    const auto number = parameters.integer(name);
    if (!number) return std::nullopt;
    constexpr std::int64_t kMax = std::numeric_limits<int>::max();
    return *number < 0 || *number > kMax ? 0 : static_cast<int>(*number);
}

MethodChange read_method_change(Parameters& parameters) {
    constexpr std::string_view kRedisplay[] = {"always", "limited", "unspecified"};
    parameters.word("allow_redisplay", kRedisplay);
    return {
        .billing = read_billing(parameters, {}),
        .exp_month = read_small(parameters, "card[exp_month]"),
        .exp_year = read_small(parameters, "card[exp_year]"),
        .metadata = read_metadata(parameters)};
}

Done<PaymentMethod> look_at(const Books& books, const NamedMethod& named) {
    if (named.ready_made) return preview_of(books, *named.ready_made);
    return load_method(books, *named.id);
}

// A ready-made method is made anew wherever it is used, but not for a change that is refused.
Done<PaymentMethod>
change_method(Work& work, const NamedMethod& named, const MethodChange& change) {
    const auto method = look_at(work.books(), named);
    if (!method) return method.error();
    if (auto refusal = why_not_metadata(method->metadata, change.metadata)) {
        return std::move(*refusal);
    }
    MethodEdit edit{
        .billing = method->billing,
        .exp_month = change.exp_month,
        .exp_year = change.exp_year,
        .metadata = change.metadata.pairs,
        .clear_metadata = change.metadata.clear};
    change.billing.apply_to(*edit.billing);
    if (!named.ready_made) return update_method(work, method->id, edit);
    if (auto refusal = why_not_update(*method, edit)) return std::move(*refusal);
    const auto made = create_method(work, *named.ready_made, std::nullopt);
    if (!made) return made.error();
    return update_method(work, made->id, edit);
}

// Under its own name, by which it can be used: reading makes nothing.
Reply ready_made_reply(const Books& books, const NewMethod& ready_made, std::string_view name) {
    Expanded expanded;
    append_json_string(expanded.objects.emplace_back("id", std::string{}).second, name);
    HttpReply reply = json_reply({});
    JsonWriter writer{reply.body};
    append_payment_method(writer, books.around, preview_of(books, ready_made), expanded);
    return reply;
}

Asked asked_for(const Call& call) {
    return {.audience = audience_of(call), .id = call.path.front()};
}

HttpReply no_such_method(const Call& call) {
    return missing_reply({kWhat, call.path.front()});
}

std::optional<NamedMethod> method_of_path(const Call& call) {
    return name_method(call, call.path.front());
}

}  // namespace

Plan create_payment_method(const Call& call) {
    struct Creation {
        std::optional<NewMethod> new_method;
    };
    Incoming in{call};
    Creation creation{.new_method = read_new_method(in, {})};
    ExpandTree expand = read_expand(in.parameters(), Kind::payment_method);
    if (auto refusal = in.finish()) return std::move(*refusal);
    return write_plan(
        {.audience = audience_of(call)},
        std::move(expand),
        [kept = keep_until_done(std::move(creation))](Work& work) {
            return create_method(work, *kept->new_method, std::nullopt);
        }
    );
}

Plan list_payment_methods(const Call& call) {
    Incoming in{call};
    auto wish = read_list<PaymentMethodId>(in, {kWhat, Kind::payment_method});
    MethodFilter filter{.owner = call.caller.owner};
    filter.customer = read_reference<CustomerId>(in, {"customer", "customer"});
    filter.type = read_method_type(in.parameters(), "type");
    if (auto refusal = in.finish()) return std::move(*refusal);
    return list_plan(std::move(wish), filter, find_payment_method, payments::list_payment_methods);
}

Plan get_payment_method(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::payment_method);
    if (auto refusal = in.finish()) return std::move(*refusal);
    auto named = method_of_path(call);
    if (!named) return no_such_method(call);
    if (named->id) {
        return get_plan(asked_for(call), std::move(expand), [id = *named->id](const Books& books) {
            return load_method(books, id);
        });
    }
    named->ready_made->method.created_at = call.now;
    return ReadPlan{
        [method = std::move(*named->ready_made), name = call.path.front()](const Books& books) {
            return ready_made_reply(books, method, name);
        }};
}

Plan update_payment_method(const Call& call) {
    Incoming in{call};
    MethodChange change = read_method_change(in.parameters());
    ExpandTree expand = read_expand(in.parameters(), Kind::payment_method);
    if (auto refusal = in.finish()) return std::move(*refusal);
    auto named = method_of_path(call);
    if (!named) return no_such_method(call);
    return write_plan(
        asked_for(call),
        std::move(expand),
        [named = std::move(*named), change = std::move(change)](Work& work) {
            return change_method(work, named, change);
        }
    );
}

Plan attach_payment_method(const Call& call) {
    Incoming in{call};
    if (!in.parameters().has("customer")) in.parameters().complain_of_missing("customer");
    const auto customer = read_reference<CustomerId>(in, {"customer", "customer"});
    ExpandTree expand = read_expand(in.parameters(), Kind::payment_method);
    if (auto refusal = in.finish()) return std::move(*refusal);
    auto named = method_of_path(call);
    if (!named) return no_such_method(call);
    return write_plan(
        asked_for(call),
        std::move(expand),
        [named = std::move(*named), customer = *customer](Work& work) {
            if (named.ready_made) return create_method(work, *named.ready_made, customer);
            return attach_method(work, *named.id, customer);
        }
    );
}

Plan detach_payment_method(const Call& call) {
    Incoming in{call};
    ExpandTree expand = read_expand(in.parameters(), Kind::payment_method);
    if (auto refusal = in.finish()) return std::move(*refusal);
    const auto id = path_id<PaymentMethodId>(call);
    if (!id) return no_such_method(call);
    return write_plan(asked_for(call), std::move(expand), [id = *id](Work& work) {
        return detach_method(work, id);
    });
}

}  // namespace postern::payments::onerway
