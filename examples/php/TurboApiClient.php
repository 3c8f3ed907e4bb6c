<?php

require_once __DIR__ . '/Email.php';

/** Sends emails through the turboSMTP API of Postern. */
class TurboApiClient
{
    private const TIMEOUT_SECONDS = 30;

    /**
     * @param string $username the name of the account
     * @param string $password a key of the account
     * @param string $serverUrl URL of the gate
     */
    public function __construct(
        private string $username,
        private string $password,
        private string $serverUrl = 'http://127.0.0.1:8000',
    ) {
    }

    /**
     * Sends an email; what comes back tells whether it was taken.
     *
     * @return array<string, mixed> `message` is `OK`, with a `mid`; or it is not, with `errors` that say why
     * @throws RuntimeException when there is no answer, or none that can be read
     */
    public function sendEmail(Email $email): array
    {
        $answer = @file_get_contents("{$this->serverUrl}/api/mail/send", false, stream_context_create([
            'http' => [
                'method' => 'POST',
                'header' => [
                    'Content-Type: application/x-www-form-urlencoded',
                    "authuser: {$this->username}",
                    "authpass: {$this->password}",
                ],
                'content' => http_build_query($email->getPostParameters()),
                'timeout' => self::TIMEOUT_SECONDS,
                // A refusal has a body too, and it says why.
                'ignore_errors' => true,
            ],
        ]));
        $response = $answer === false ? null : json_decode($answer, true);
        if (!is_array($response)) {
            throw new RuntimeException("No answer that can be read from {$this->serverUrl}");
        }
        return $response;
    }
}
