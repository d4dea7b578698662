#include "tests/scenario/plan.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace postern::scenario {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kPayments = 4;
const std::vector<std::string> kTypes = {
    "payment.created",
    "payment.succeeded",
    "payment.failed",
    "refund.succeeded"};

class Planner {
 public:
    Planner(std::uint64_t seed, hours length) : random_{seed} {
        plan_.seed = seed;
        plan_.ends_at = length;
        plan_.heals_at = length - kHealedHours;
        POSTERN_ASSERT(plan_.heals_at >= hours{6});
    }

    Plan make() {
        choose_limits();
        choose_faults();
        const std::int64_t endpoints = 2 + random_.below(5);
        for (std::int64_t i = 0; i < endpoints; ++i) add_endpoint();
        add_events();
        add_edits();
        add_outages();
        plan_.deeds.push_back({.at = plan_.heals_at, .kind = DeedKind::healed});
        const auto earlier = [](const Deed& a, const Deed& b) {
            return a.at < b.at;
        };
        std::stable_sort(plan_.deeds.begin(), plan_.deeds.end(), earlier);
        return std::move(plan_);
    }

 private:
    Microseconds before_healing() { return random_.within({seconds{1}, plan_.heals_at}); }

    void choose_limits() {
        dispatch::EngineLimits& limits = plan_.limits;
        limits.window_items = static_cast<std::size_t>(4 + random_.below(28));
        limits.items_max = static_cast<std::size_t>(16 + random_.below(200));
        limits.content_bytes_max = static_cast<std::size_t>(1 + random_.below(40)) * 512;
        limits.loads_max = 1 + random_.below(8);
        limits.breaker.failures_to_open = 3 + random_.below(10);
        if (random_.one_in(3)) {
            limits.breaker.failing_to_disable = hours{2 + random_.below(20)};
        }
        if (random_.one_in(4)) {
            plan_.room = Plan::Room::tight;
            limits.in_flight_max = 2 + random_.below(10);
            limits.in_flight_per_origin_max = 1 + random_.below(6);
            limits.unrecorded_max = 2 + random_.below(30);
        }
    }

    void choose_faults() {
        StoreFaults& faults = plan_.faults;
        faults.unit_fails_in = random_.one_in(3) ? 0 : 10 + random_.below(200);
        faults.load_fails_in = random_.one_in(3) ? 0 : 5 + random_.below(100);
        faults.commit_delay_max = random_.pick<Microseconds>(
            {milliseconds{2}, milliseconds{20}, milliseconds{200}, seconds{2}}
        );
        faults.load_delay_max = random_.pick<Microseconds>(
            {milliseconds{1}, milliseconds{50}, milliseconds{500}, seconds{3}}
        );
    }

    dispatch::RetryPolicy choose_schedule() {
        dispatch::RetryPolicy policy;
        switch (random_.below(5)) {
            case 0: policy.delays = {seconds{0}, seconds{1}, seconds{2}, seconds{5}}; break;
            case 1:
                policy.delays = {seconds{0}, seconds{10}, minutes{1}, minutes{10}, hours{1}};
                policy.delays.insert(policy.delays.end(), {hours{6}, hours{12}, hours{24}});
                break;
            case 2: policy.delays.assign(30, minutes{20}); break;
            default: break;  // the usual one
        }
        if (random_.one_in(6)) policy.delays.front() = seconds{30};
        if (random_.one_in(5)) policy.maximum_age = hours{1 + random_.below(6)};
        return policy;
    }

    void choose_settings(dispatch::EndpointSettings& settings) {
        settings.retry = choose_schedule();
        settings.timeout = seconds{5 + random_.below(20)};
        settings.in_flight_max = 1 + random_.below(8);
        if (random_.one_in(4)) settings.rate_per_second = 1 + random_.below(5);
        if (random_.one_in(2)) settings.ordering = dispatch::Ordering::payment;
        if (random_.one_in(5)) settings.deliver = dispatch::Deliver::latest;
        if (random_.one_in(2)) settings.max_hold = seconds{60 * (1 + random_.below(240))};
        if (random_.one_in(3)) settings.event_types = {random_.pick(kTypes), "refund.*"};
    }

    void add_endpoint() {
        const auto number = static_cast<std::int64_t>(plan_.endpoints.size()) + 1;
        PlannedEndpoint planned;
        planned.endpoint.id = EndpointId{number};
        planned.endpoint.account = AccountId{1};
        // Two origins, so that endpoints share one now and then.
        planned.endpoint.url = random_.one_in(3) ? "https://a.example/" : "https://b.example/";
        planned.endpoint.url += std::to_string(number);
        planned.endpoint.created_at = kWorldBegins;
        planned.endpoint.updated_at = kWorldBegins;
        choose_settings(planned.endpoint.settings);
        planned.phases = choose_phases();
        plan_.endpoints.push_back(std::move(planned));
    }

    std::vector<Phase> choose_phases() {
        std::vector<Phase> phases;
        Microseconds at{0};
        const std::int64_t troubles = random_.below(6);
        for (std::int64_t i = 0; i < troubles; ++i) {
            at += random_.within({seconds{1}, plan_.heals_at / 4});
            const Microseconds length = random_.within(
                {seconds{1}, random_.one_in(2) ? plan_.heals_at / 3 : Microseconds{minutes{20}}}
            );
            if (at + length >= plan_.heals_at) break;
            phases.push_back({at, choose_behaviour()});
            at += length;
            // Mostly it recovers, sometimes it goes from bad to worse.
            if (!random_.one_in(4)) phases.push_back({at, Behaviour::healthy});
        }
        phases.push_back({std::min(at, plan_.heals_at), Behaviour::healthy});
        return phases;
    }

    Behaviour choose_behaviour() {
        constexpr std::int64_t kFirst = static_cast<std::int64_t>(Behaviour::slow);
        constexpr std::int64_t kLast = static_cast<std::int64_t>(Behaviour::odd);
        const auto chosen = static_cast<Behaviour>(kFirst + random_.below(kLast - kFirst + 1));
        const bool ends_it = chosen == Behaviour::gone || chosen == Behaviour::asks_to_stop;
        return ends_it && random_.one_in(2) ? Behaviour::refusing : chosen;
    }

    void add_event(Microseconds at) {
        dispatch::EventContent event;
        const auto index = plan_.events.size();
        event.id = EventId{static_cast<std::int64_t>(index) + 1};
        event.account = AccountId{1};
        event.type = random_.pick(kTypes);
        event.gateway = "stripe";
        event.gateway_event_id = "evt_" + std::to_string(index);
        event.created_at = kWorldBegins + at;
        event.object = R"({"object":"payment","gateway_payment_id":"pi_)";
        event.object += std::to_string(random_.below(kPayments));
        event.object += R"(","gateway":"stripe","amount_minor":1999})";
        plan_.events.push_back(std::make_shared<const dispatch::EventContent>(std::move(event)));
        plan_.deeds.push_back({.at = at, .kind = DeedKind::event_arrives, .index = index});
        if (!random_.one_in(40)) return;
        const Microseconds kept = random_.within({seconds{1}, hours{10}});
        plan_.deeds.push_back({.at = at + kept, .kind = DeedKind::event_forgotten, .index = index});
    }

    void add_events() {
        const std::int64_t bursts = 6 + random_.below(12);
        for (std::int64_t i = 0; i < bursts; ++i) {
            Microseconds at = before_healing();
            const std::int64_t size = random_.one_in(6) ? 20 + random_.below(30) : random_.below(5);
            for (std::int64_t j = 0; j <= size; ++j) {
                at += random_.within({milliseconds{1}, seconds{1}});
                add_event(at);
            }
        }
        for (std::int64_t i = 0; i < 4; ++i) {
            add_event(plan_.heals_at + random_.within({seconds{0}, hours{2}}));
        }
    }

    void add(DeedKind kind, std::int64_t times) {
        for (std::int64_t i = 0; i < times; ++i) {
            const auto count = static_cast<std::int64_t>(plan_.endpoints.size());
            Deed deed{
                .at = random_.one_in(3) ? shortly_after_an_event() : before_healing(),
                .kind = kind,
                .index = static_cast<std::size_t>(random_.below(count))};
            plan_.deeds.push_back(deed);
        }
    }

    // When something is under way.
    Microseconds shortly_after_an_event() {
        const Deed& deed = random_.pick(plan_.deeds);
        return std::min(
            deed.at + random_.within({milliseconds{0}, seconds{2}}), plan_.heals_at - seconds{1}
        );
    }

    void add_edits() {
        if (random_.one_in(4)) add(DeedKind::endpoint_deleted, 1);
        const std::int64_t pauses = random_.below(4);
        for (std::int64_t i = 0; i < pauses; ++i) {
            add(DeedKind::endpoint_disabled, 1);
            Deed enabled = plan_.deeds.back();
            enabled.kind = DeedKind::endpoint_enabled;
            enabled.at += random_.within({milliseconds{1}, hours{3}});
            plan_.deeds.push_back(enabled);
        }
        add(DeedKind::endpoint_edited, random_.below(4));
        add(DeedKind::delivery_retried, random_.below(6));
        add(DeedKind::delivery_canceled, random_.below(4));
    }

    void add_outages() {
        const std::int64_t outages = random_.below(6);
        for (std::int64_t i = 0; i < outages; ++i) {
            Deed deed{.at = random_.one_in(2) ? shortly_after_an_event() : before_healing()};
            deed.span = random_.within(
                {milliseconds{100}, random_.one_in(4) ? Microseconds{minutes{20}} : seconds{5}}
            );
            switch (random_.below(6)) {
                case 0:
                case 1: deed.kind = DeedKind::process_killed; break;
                case 2: deed.kind = DeedKind::process_stopped; break;
                case 3: deed.kind = DeedKind::store_stalls; break;
                case 4: deed.kind = DeedKind::store_fails; break;
                default:
                    deed.kind = DeedKind::clock_set;
                    deed.shift = choose_shift();
                    break;
            }
            deed.at = std::min(deed.at, plan_.heals_at - deed.span - seconds{1});
            plan_.deeds.push_back(deed);
        }
    }

    Microseconds choose_shift() {
        const Microseconds size = random_.pick<Microseconds>(
            {seconds{1}, minutes{1}, hours{1}, hours{10}, hours{72}, hours{24 * 3650}}
        );
        return random_.one_in(2) ? size : -size;
    }

    Random random_;
    Plan plan_;
};

}  // namespace

Plan make_plan(std::uint64_t seed, hours length) {
    return Planner{seed, length}.make();
}

}  // namespace postern::scenario
