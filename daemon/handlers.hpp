#pragma once

#include "core/metrics.hpp"
#include "daemon/api.hpp"
#include "daemon/health.hpp"
#include "daemon/receiver.hpp"
#include "net/http_server.hpp"

#include <functional>

namespace postern::daemon {

// The face to the world: providers' webhooks and the API.
class PublicHandler final : public net::HttpHandler {
 public:
    PublicHandler(Receiver& receiver, ApiSurroundings& api) : receiver_{receiver}, api_{api} {}

    std::optional<HttpReply> refuse_early(std::string_view method, std::string_view path) override;
    net::Task<HttpReply> handle(const HttpRequest& request, net::IoThread& thread) override;
    HttpReply refusal(int status) override;
    void tick(net::IoThread& thread) override { receiver_.tick(thread); }

 private:
    Receiver& receiver_;
    ApiSurroundings& api_;
};

// The face to the operator: metrics and probes, on an address of its own.
class PrivateHandler final : public net::HttpHandler {
 public:
    PrivateHandler(MetricRegistry& metrics, const Health& health, std::function<void()> refresh)
        : metrics_{metrics}, health_{health}, refresh_{std::move(refresh)} {}

    std::optional<HttpReply> refuse_early(std::string_view method, std::string_view path) override;
    net::Task<HttpReply> handle(const HttpRequest& request, net::IoThread& thread) override;
    HttpReply refusal(int status) override;

 private:
    MetricRegistry& metrics_;
    const Health& health_;
    std::function<void()> refresh_;  // brings gauges up to date before they are read
};

}  // namespace postern::daemon
