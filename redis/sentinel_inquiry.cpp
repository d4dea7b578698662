#include "redis/sentinel_inquiry.hpp"

#include "core/numbers.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace postern::redis {
namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
    const auto port = parse_unsigned(text);
    if (!port || *port == 0 || *port > 65'535) return std::nullopt;
    return static_cast<std::uint16_t>(*port);
}

std::string_view take_word(std::string_view& rest) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return word;
}

std::optional<ServerAddress> address_of(std::string_view host, std::string_view port_text) {
    const auto port = port_of(port_text);
    if (host.empty() || !port) return std::nullopt;
    return ServerAddress{.host = std::string{host}, .port = *port};
}

}  // namespace

struct SentinelInquiry::Round final : Link::Listener {
    void link_ready() override {}
    void link_lost(const std::string&) override {}
    void link_message(Reply) override {}

    void take(const Answer& answer);
    std::optional<ServerAddress> decided() const;
    std::optional<ServerAddress> favourite() const;

    std::string master_name;
    std::optional<ServerAddress> doubtful;
    OnDecided on_decided;
    std::size_t asked = 0;
    std::size_t answered = 0;
    std::map<ServerAddress, std::size_t> votes;
    std::string last_failure;
    std::vector<std::shared_ptr<Link>> links;
};

void SentinelInquiry::Round::take(const Answer& answer) {
    ++answered;
    if (const auto master = answer ? master_of(*answer) : std::nullopt) {
        ++votes[*master];
    } else {
        last_failure = answer ? "no sentinel knows the master " + master_name
                              : "no sentinel answers: " + answer.error().reason;
    }
}

std::optional<ServerAddress> SentinelInquiry::Round::decided() const {
    for (const auto& [address, count] : votes) {
        if (count > asked / 2) return address;
    }
    return answered == asked ? favourite() : std::nullopt;
}

std::optional<ServerAddress> SentinelInquiry::Round::favourite() const {
    std::optional<ServerAddress> best;
    std::size_t most = 0;
    for (const auto& [address, count] : votes) {
        const bool tie_for_us = count == most && best == doubtful;
        if (count <= most && !tie_for_us) continue;
        best = address;
        most = count;
    }
    return best;
}

SentinelInquiry::~SentinelInquiry() {
    end_round();
}

void SentinelInquiry::end_round() {
    if (round_ == nullptr) return;
    for (const auto& link : round_->links) link->drop();
    round_.reset();
}

void SentinelInquiry::ask(std::optional<ServerAddress> doubtful, OnDecided on_decided) {
    end_round();
    const Options& options = *around_.options;
    round_ = std::make_shared<Round>();
    round_->master_name = options.master_name;
    round_->doubtful = std::move(doubtful);
    round_->on_decided = std::move(on_decided);
    round_->asked = options.servers.size();
    const auto on_answer = [this, weak = std::weak_ptr{round_}](const Answer& answer) {
        const auto round = weak.lock();
        if (round == nullptr || round != round_) return;
        round->take(answer);
        const auto master = round->decided();
        if (!master && round->answered < round->asked) return;
        end_round();
        if (master) return round->on_decided(*master);
        round->on_decided(Complaint{round->last_failure});
    };
    const std::string question =
        encode({"SENTINEL", "get-master-addr-by-name", options.master_name});
    for (const ServerAddress& server : options.servers) {
        auto link = Link::open(around_, {.server = server, .use = Link::Use::sentinel}, *round_);
        link->send({.bytes = question, .on_answer = on_answer});
        round_->links.push_back(std::move(link));
    }
}

std::optional<ServerAddress> master_of(const Reply& reply) {
    if (reply.items.size() != 2) return std::nullopt;
    return address_of(reply.items[0].text, reply.items[1].text);
}

std::optional<ServerAddress>
switched_master(std::string_view message, const std::string& master_name) {
    if (take_word(message) != master_name) return std::nullopt;
    take_word(message);
    take_word(message);
    const std::string_view host = take_word(message);
    return address_of(host, take_word(message));
}

}  // namespace postern::redis
