#include "redis/keeper.hpp"

#include "core/log.hpp"

#include <utility>

namespace postern::redis {
namespace {

// A connection that ended sooner than this was no success: a server that takes and drops us at once
// is not to be dialled without a pause.
constexpr std::chrono::seconds kProven{5};

}  // namespace

Keeper::Keeper(Surroundings around, Kind kind, Owner& owner)
    : around_{std::move(around)},
      kind_{kind},
      owner_{owner},
      backoff_{{.first = around_.options->limits.retry_min, .longest = kind.retry_max}},
      retry_{around_.thread, [this] {
                 try_now();
             }} {}

Keeper::~Keeper() {
    if (link_ != nullptr) link_->drop();
    refuse_early();
}

void Keeper::start() {
    try_now();
}

void Keeper::try_now() {
    waits_ = false;
    if (searching_) return;
    searching_ = true;
    owner_.find_server(*this);
}

void Keeper::dial(ServerAddress server) {
    if (!searching_) return;
    searching_ = false;
    if (link_ != nullptr) link_->drop();
    link_ = Link::open(
        around_, {.server = std::move(server), .use = kind_.use, .attempt = backoff_.tries()}, *this
    );
    for (Request& request : std::exchange(early_, {})) link_->send(std::move(request));
}

void Keeper::not_found(const std::string& reason) {
    if (!searching_) return;
    searching_ = false;
    try_later(reason);
}

void Keeper::look_again(const std::string& reason) {
    if (link_ != nullptr) {
        report_lost(reason);
        link_->drop();
        link_.reset();
    }
    backoff_.reset();
    retry_.cancel();
    try_now();
    owner_.keeper_lost(*this);
}

void Keeper::hurry() {
    if (!waits_) return;
    retry_.cancel();
    try_now();
}

void Keeper::send(Request request) {
    if (link_ != nullptr && accepts()) return link_->send(std::move(request));
    const bool early = !was_decided_ && early_.size() < around_.options->limits.unanswered_max;
    if (early) return early_.push_back(std::move(request));
    refuse(*around_.later, std::move(request.on_answer), why_lost_);
}

void Keeper::refuse_early() {
    for (Request& request : std::exchange(early_, {})) {
        refuse(*around_.later, std::move(request.on_answer), why_lost_);
    }
}

void Keeper::link_ready() {
    was_decided_ = true;
    ready_at_ = std::chrono::steady_clock::now();
    why_lost_.clear();
    if (!kind_.purpose.empty()) {
        log::info("redis.connected", {{"server", server().to_text()}, {"purpose", kind_.purpose}});
    }
    reported_ = Report::connected;
    owner_.keeper_ready(*this);
}

void Keeper::link_lost(const std::string& reason) {
    const bool proven =
        reported_ == Report::connected && std::chrono::steady_clock::now() - ready_at_ >= kProven;
    if (proven) backoff_.reset();
    try_later(reason);
}

void Keeper::link_message(Reply message) {
    owner_.keeper_message(*this, std::move(message));
}

void Keeper::try_later(const std::string& reason) {
    report_lost(reason);
    waits_ = true;
    retry_.set(backoff_.next());
    owner_.keeper_lost(*this);
}

void Keeper::report_lost(const std::string& reason) {
    was_decided_ = true;
    why_lost_ = reason;
    refuse_early();
    if (reported_ == Report::lost) return;
    reported_ = Report::lost;
    if (kind_.purpose.empty()) return;
    const std::string server_text = link_ == nullptr ? "unknown" : server().to_text();
    log::warn(
        "redis.lost", {{"server", server_text}, {"purpose", kind_.purpose}, {"reason", reason}}
    );
}

}  // namespace postern::redis
