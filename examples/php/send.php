<?php

// Sends an email: POSTERN_USER=account POSTERN_KEY=pk_… php send.php
require_once __DIR__ . '/TurboApiClient.php';

$email = new Email();
$email->setFrom('Shop <shop@example.com>');
$email->setToList('ada@example.com, Bob <bob@example.com>');
$email->setCcList('carol@example.com');
$email->setBccList('dave@example.com');
$email->setSubject('Hello from PHP');
$email->setContent('The text of the email');
$email->setHtmlContent('<p>The <b>HTML</b> of the email</p>');
$email->addCustomHeader('X-First-Header', 'value');
$email->addCustomHeader('X-Header-To-Be-Removed', 'value');
$email->removeCustomHeader('X-Header-To-Be-Removed');

$client = new TurboApiClient(
    getenv('POSTERN_USER') ?: 'default',
    getenv('POSTERN_KEY') ?: '',
    getenv('POSTERN_URL') ?: 'http://127.0.0.1:8000',
);
$response = $client->sendEmail($email);
echo json_encode($response), "\n";
exit($response['message'] === 'OK' ? 0 : 1);
