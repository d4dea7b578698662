#include "net/resolver.hpp"

#include "tests/unit/net/client_fixture.hpp"
#include "tests/unit/net/fake_dns.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

using Kind = Resolved::Kind;
using Type = DnsQuestion::Type;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kServerFailure = 2;
constexpr int kNameError = 3;

struct Names {
    explicit Names(FakeDns::Script script, ResolverLimits limits = {})
        : dns{std::move(script)}, resolver{thread, {limits, {dns.server()}}} {}

    Resolved ask(const std::string& name) { return run_task(thread, resolver.resolve(name)); }

    // Starts all before it waits for any.
    std::vector<Resolved> ask_together(const std::vector<std::string>& names) {
        std::vector<Resolved> results(names.size());
        std::size_t left = names.size();
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto keep = [&results, &left, i](std::exception_ptr, Resolved resolved) {
                results[i] = std::move(resolved);
                --left;
            };
            asio::co_spawn(thread.context(), resolver.resolve(names[i]), keep);
        }
        while (left > 0) thread.context().run_one();
        return results;
    }

    FakeDns dns;
    IoThread thread{0};
    Resolver resolver;
};

std::vector<std::string> texts(const Resolved& resolved) {
    std::vector<std::string> result;
    for (const IpAddress& address : resolved.addresses) result.push_back(address.to_text());
    return result;
}

FakeDns::Script always(const std::string& address) {
    return [address](const DnsQuestion& question) {
        DnsAnswer answer;
        if (question.type == Type::a) answer.records.push_back({.data = address});
        return answer;
    };
}

TEST(Resolver, GivesBothFamiliesWithIpv4First) {
    Names names{[](const DnsQuestion& question) {
        DnsAnswer answer;
        if (question.type == Type::a) {
            answer.records = {{.data = "192.0.2.7"}, {.data = "192.0.2.3"}};
        } else {
            answer.records = {{.data = "2001:db8::5"}};
        }
        return answer;
    }};
    const Resolved resolved = names.ask("hooks.example.com");
    EXPECT_EQ(resolved.kind, Kind::found);
    EXPECT_EQ(texts(resolved), (std::vector<std::string>{"192.0.2.7", "192.0.2.3", "2001:db8::5"}));
}

TEST(Resolver, FollowsAliases) {
    Names names{[](const DnsQuestion& question) {
        DnsAnswer answer;
        answer.records = {{.data = "edge.example.net"}};
        if (question.type == Type::a) {
            answer.records.push_back({.owner = "edge.example.net", .data = "192.0.2.9"});
        }
        return answer;
    }};
    const Resolved resolved = names.ask("hooks.example.com");
    EXPECT_EQ(resolved.kind, Kind::found);
    EXPECT_EQ(texts(resolved), std::vector<std::string>{"192.0.2.9"});
}

TEST(Resolver, TellsKindsOfFailureApart) {
    struct Case {
        const char* name;
        DnsAnswer answer;
        Kind kind;
    };
    const Case cases[] = {
        {"no such name", {.response_code = kNameError}, Kind::not_found},
        {"no address", {}, Kind::not_found},
        {"a failing server", {.response_code = kServerFailure}, Kind::failed},
        {"a silent server", {.manner = DnsAnswer::Manner::never}, Kind::timed_out},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const auto script = [&test_case](const DnsQuestion&) {
            return test_case.answer;
        };
        const bool silent = test_case.kind == Kind::timed_out;
        Names names{script, {.timeout = milliseconds{silent ? 200 : 5'000}}};
        const Resolved resolved = names.ask("hooks.example.com");
        EXPECT_EQ(resolved.kind, test_case.kind);
        EXPECT_TRUE(resolved.addresses.empty());
    }
}

TEST(Resolver, AsksOnlyForTheNameItself) {
    Names names{[](const DnsQuestion&) {
        return DnsAnswer{.response_code = kNameError};
    }};
    EXPECT_EQ(names.ask("single").kind, Kind::not_found);
    EXPECT_EQ(names.ask("two.labels").kind, Kind::not_found);
    EXPECT_EQ(names.dns.questions("single"), 2);  // A and AAAA
    EXPECT_EQ(names.dns.questions("two.labels"), 2);
}

TEST(Resolver, TakesTheFirstOfManyAddresses) {
    Names names{[](const DnsQuestion& question) {
        DnsAnswer answer;
        for (int i = 1; i <= 64 && question.type == Type::a; ++i) {
            answer.records.push_back({.data = "192.0.2." + std::to_string(i)});
        }
        return answer;
    }};
    const Resolved resolved = names.ask("many.example.com");
    ASSERT_EQ(resolved.addresses.size(), 8U);
    EXPECT_EQ(resolved.addresses.front().to_text(), "192.0.2.1");
    EXPECT_EQ(resolved.addresses.back().to_text(), "192.0.2.8");
}

TEST(Resolver, RemembersAnswersAndAbsences) {
    Names names{[](const DnsQuestion& question) {
        DnsAnswer answer;
        if (question.name == "gone.example.com") {
            answer.response_code = kNameError;
        } else if (question.type == Type::a) {
            answer.records = {{.ttl = 0, .data = "192.0.2.1"}};
        }
        return answer;
    }};
    for (const std::string name : {"here.example.com", "gone.example.com"}) {
        const Resolved first = names.ask(name);
        const Resolved second = names.ask(name);
        EXPECT_EQ(first.kind, second.kind);
        EXPECT_EQ(first.addresses, second.addresses);
        EXPECT_EQ(names.dns.questions(name), 2) << name;
    }
}

TEST(Resolver, ForgetsWhatHasExpired) {
    const ResolverLimits limits{
        .ttl_min = seconds{0}, .ttl_max = seconds{0}, .negative_ttl = seconds{0}};
    Names names{always("192.0.2.1"), limits};
    EXPECT_EQ(names.ask("hooks.example.com").kind, Kind::found);
    EXPECT_EQ(names.ask("hooks.example.com").kind, Kind::found);
    EXPECT_EQ(names.dns.questions("hooks.example.com"), 4);
}

TEST(Resolver, DoesNotRememberAFailure) {
    Names names{[](const DnsQuestion&) {
        return DnsAnswer{.response_code = kServerFailure};
    }};
    EXPECT_EQ(names.ask("hooks.example.com").kind, Kind::failed);
    const int asked = names.dns.questions("hooks.example.com");
    EXPECT_EQ(names.ask("hooks.example.com").kind, Kind::failed);
    EXPECT_EQ(names.dns.questions("hooks.example.com"), 2 * asked);
}

TEST(Resolver, AsksOnceForThoseWhoAskTogether) {
    Names names{always("192.0.2.1")};
    const std::vector<std::string> asked(20, "hooks.example.com");
    for (const Resolved& resolved : names.ask_together(asked)) {
        EXPECT_EQ(texts(resolved), std::vector<std::string>{"192.0.2.1"});
    }
    EXPECT_EQ(names.dns.questions("hooks.example.com"), 2);
}

TEST(Resolver, LetsASlowNameDelayNobodyElse) {
    const auto script = [](const DnsQuestion& question) {
        DnsAnswer answer;
        if (question.name == "slow.example.com") answer.manner = DnsAnswer::Manner::never;
        if (question.type == Type::a) answer.records = {{.data = "192.0.2.1"}};
        return answer;
    };
    Names names{script, {.timeout = milliseconds{2'000}}};
    bool slow_is_done = false;
    const std::string slow = "slow.example.com";
    const auto note = [&slow_is_done](std::exception_ptr, Resolved resolved) {
        EXPECT_EQ(resolved.kind, Kind::timed_out);
        slow_is_done = true;
    };
    asio::co_spawn(names.thread.context(), names.resolver.resolve(slow), note);
    EXPECT_EQ(names.ask("fast.example.com").kind, Kind::found);
    EXPECT_FALSE(slow_is_done);
    while (!slow_is_done) names.thread.context().run_one();
}

TEST(Resolver, RefusesMoreQueriesThanItsLimit) {
    const auto script = [](const DnsQuestion&) {
        return DnsAnswer{.manner = DnsAnswer::Manner::never};
    };
    Names names{script, {.timeout = milliseconds{200}, .queries_max = 2}};
    const auto results = names.ask_together({"a.example.com", "b.example.com", "c.example.com"});
    EXPECT_EQ(results[0].kind, Kind::timed_out);
    EXPECT_EQ(results[1].kind, Kind::timed_out);
    EXPECT_EQ(results[2].kind, Kind::overloaded);
}

TEST(Resolver, KnowsLocalhostWithoutAsking) {
    Names names{always("192.0.2.1")};
    EXPECT_EQ(texts(names.ask("localhost")), (std::vector<std::string>{"127.0.0.1", "::1"}));
    EXPECT_EQ(names.dns.questions("localhost"), 0);
}

TEST(Resolver, CountsWhatCameOfEachName) {
    FakeDns dns{[](const DnsQuestion& question) {
        DnsAnswer answer;
        if (question.name.starts_with("lost")) answer.response_code = kNameError;
        if (question.type == Type::a) answer.records.push_back({.data = "192.0.2.1"});
        return answer;
    }};
    MetricRegistry registry;
    IoThread thread{0};
    Resolver resolver{thread, {.servers = {dns.server()}, .metrics = ResolverMetrics{registry}}};
    const std::string names[] = {"a.example.com", "b.example.com", "a.example.com", "lost.example"};
    for (const std::string& name : names) run_task(thread, resolver.resolve(name));
    const auto count = [&registry](std::string_view result) {
        return registry.counter({"postern_dns_lookups_total", ""}, {{"result", result}}).value();
    };
    EXPECT_EQ(count("found"), 2);
    EXPECT_EQ(count("cached"), 1);
    EXPECT_EQ(count("not_found"), 1);
    EXPECT_EQ(count("failed"), 0);
}

TEST(Resolver, AnswersThoseWhoWaitWhenItEnds) {
    IoThread thread{0};
    FakeDns dns{[](const DnsQuestion&) {
        return DnsAnswer{.manner = DnsAnswer::Manner::never};
    }};
    auto resolver =
        std::make_unique<Resolver>(thread, Resolver::Options{.servers = {dns.server()}});
    const std::string name = "hooks.example.com";
    std::optional<Kind> kind;
    const auto keep = [&kind](std::exception_ptr, Resolved resolved) {
        kind = resolved.kind;
    };
    asio::co_spawn(thread.context(), resolver->resolve(name), keep);
    thread.context().poll();
    resolver.reset();
    while (!kind) thread.context().run_one();
    EXPECT_EQ(*kind, Kind::failed);
}

}  // namespace
}  // namespace postern::net
